# Three layers, each damaged in three ways: it must come first, with its cause; and nothing is at fault in a healthy model.
set -euo pipefail
example=$1 octet=$2 scratch=$3
rm -rf "$scratch" && mkdir -p "$scratch"
data=examples/data/digits_mbv2
find_damage() { "$example" $data/model.onnx $data "$scratch/damaged.onnx" "$@" >"$scratch/said"; cat "$scratch/said"; }

declare -A causes=([scale]='wrong scale' [channels]='swapped channels' [range]='clipped range')
# The layer as the quantized model calls it (convolutions have taken in their BatchNormalization), and what makes its output there.
while read -r layer made; do
  for kind in scale channels range; do
    find_damage "$layer" $kind
    grep -qF "at fault: $made: ${causes[$kind]}" "$scratch/said" || { echo "not found: $kind of $layer"; exit 1; }
    "$octet" debug layers $data/model.onnx "$scratch/damaged.onnx" --data $data/eval --limit 3 >"$scratch/table"
    sed -n 2p "$scratch/table" | grep -qF "$made" || { cat "$scratch/table"; echo "$kind of $layer is not first"; exit 1; }
  done
done <<'END'
/f/f.1/BatchNormalization /f/f.2/Clip
/f/f.6/c/c.4/BatchNormalization /f/f.6/c/c.5/Clip
/l/Gemm /l/Gemm
END
grep -q "times what they should be" <(find_damage "" scale)

find_damage "" none
grep -q '^no layer is at fault$' "$scratch/said"
"$octet" debug layers $data/model.onnx "$scratch/damaged.onnx" --data $data/eval --limit 3 >"$scratch/table"
! grep -E 'wrong scale|swapped|clipped|destroyed|damaged' "$scratch/table" || { echo "a healthy layer is called damaged"; exit 1; }
