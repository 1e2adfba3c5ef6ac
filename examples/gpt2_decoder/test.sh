# A decoder fitted to the project's own pages, and an export where it is: the cache does not show, int8 goes on as float does.
set -euo pipefail
example=$1 octet=$2 scratch=$3
rm -rf "$scratch" && mkdir -p "$scratch"
percent() { sed -n "s/.*$1 \([0-9]*\)\.[0-9] %.*/\1/p" "$scratch/said"; }

cat README.md CONTRIBUTING.md >"$scratch/text"
"$example" "$scratch/out" text "$scratch/text" | tee "$scratch/said"
grep -q 'without a past, 40 of them come out again' "$scratch/said"
[ "$(percent 'float foretells')" -ge 15 ] || { echo "the head was not fitted"; exit 1; }  # of 29 tokens, a blank is one in six
[ "$(percent 'int8')" -ge 14 ]
[ "$(percent 'both say the same')" -ge 94 ]
"$octet" quantize dynamic "$scratch/out/float.onnx" -o "$scratch/int8.onnx" --preprocess --per-channel
cmp "$scratch/int8.onnx" "$scratch/out/int8.onnx"
"$octet" inspect "$scratch/int8.onnx" | grep -q 'MatMulInteger  *13$'  # four projections and two products a layer, and the head

export=../shared/data/exported/gpt2_past_op13.onnx
[ -e $export ] || { echo "SKIPPED in part: there is no $export"; exit 0; }
"$example" "$scratch/export" model $export | tee "$scratch/said"
grep -q 'without a past, 40 of them come out again' "$scratch/said"
[ "$(percent 'both say the same')" -ge 94 ]
