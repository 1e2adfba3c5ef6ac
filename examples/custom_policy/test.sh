# The example on the demo's model: the excluded layers stay float, the rest is quantized, and no rule of the target is broken.
set -euo pipefail
example=$1 octet=$2 scratch=$3
rm -rf "$scratch" && mkdir -p "$scratch"
data=examples/data/digits_mbv2

"$example" $data/model.onnx $data/calib "$scratch/edge.onnx" | tee "$scratch/said"
grep -q '^/f/f.1/BatchNormalization stays float: excluded by name$' "$scratch/said"
! grep -q ' breaks ' "$scratch/said" || { echo "the target's rules are broken"; exit 1; }
percent=$(sed -n 's/^\([0-9]*\) % of the operations are quantized$/\1/p' "$scratch/said")
[ "$percent" -ge 50 ] && [ "$percent" -lt 100 ] || { echo "$percent % of the operations are quantized"; exit 1; }
"$octet" inspect "$scratch/edge.onnx" | grep -q 'int8 per channel'
