# The small model always, MiniLM where it is: attention is fused, and no form falls below what it must reach.
set -euo pipefail
example=$1 octet=$2 scratch=$3
rm -rf "$scratch" && mkdir -p "$scratch"

# must NAME ACCURACY SQNR: the row of a form, in octet and, where ONNX Runtime ran, there
must() {
  read -r right db other < <(sed -nE "s/^$1 +[0-9.]+ MB +([0-9]+)\.[0-9] % +[0-9.]+ % +(same|-?[0-9]+).* \| +([0-9]+|-).*/\1 \2 \3/p" "$scratch/said")
  [ "$right" -ge "$2" ] || { echo "$1: only $right % right"; exit 1; }
  [ "$db" = same ] || [ "$db" -ge "$3" ] || { echo "$1: only $db dB"; exit 1; }
  [ "$other" = - ] || [ "$other" -ge $(($2 - 1)) ] || { echo "$1: only $other % right in ONNX Runtime"; exit 1; }
}

"$example" "$scratch/tiny" "$scratch/out" | tee "$scratch/said"
grep -q '^122 nodes, after preprocessing 25: 2 Attention 4 SkipLayerNormalization .* 2 BiasGelu$' "$scratch/said"
must float 75 999
must 'float, fused' 75 100
for form in dynamic dynamic-qdq; do must $form 75 35; done
for form in static-u8s8 static-s8s8; do must $form 75 28; done
"$octet" inspect "$scratch/out/dynamic.onnx" | grep -q QAttention

"$octet" preprocess "$scratch/tiny/model.onnx" -o "$scratch/fused.onnx" --fuse all
"$octet" quantize dynamic "$scratch/fused.onnx" -o "$scratch/dynamic.onnx" --per-channel
"$octet" quantize static "$scratch/fused.onnx" -o "$scratch/static.onnx" --per-channel --activation-type uint8 --data "$scratch/tiny/calib"
cmp "$scratch/dynamic.onnx" "$scratch/out/dynamic.onnx"
cmp "$scratch/static.onnx" "$scratch/out/static-u8s8.onnx"

minilm=../shared/data/minilm_l3_cls
[ -e $minilm/model.onnx ] || { echo "SKIPPED in part: there is no $minilm"; exit 0; }
[ -z "${OCTET_SANITIZED:-}" ] || { echo "SKIPPED in part: $minilm takes too long with sanitizers"; exit 0; }
"$example" $minilm "$scratch/minilm" | tee "$scratch/said"
grep -q 'after preprocessing .* 3 Attention' "$scratch/said"
must float 59 999
must 'float, fused' 59 100
must dynamic 58 20
must dynamic-qdq 58 21
for form in static-u8s8 static-s8s8; do must $form 58 20; done
