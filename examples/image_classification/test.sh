# The example as a program, and the same job on the command line: both must write the same model.
set -euo pipefail
example=$1 octet=$2 scratch=$3
rm -rf "$scratch" && mkdir -p "$scratch"
data=examples/data/digits_mbv2

"$example" $data/model.onnx $data "$scratch/by_library.onnx" | tee "$scratch/said"
right=$(sed -n 's/^int8: \([0-9]*\) right$/\1/p' "$scratch/said")
before=$(sed -n 's/^float: \([0-9]*\) right$/\1/p' "$scratch/said")
[ "$before" -ge 97 ] || { echo "the float model has only $before of 100 right"; exit 1; }
[ "$right" -ge $((before - 3)) ] || { echo "the quantized model has only $right of 100 right, the float model $before"; exit 1; }

"$octet" quantize static $data/model.onnx -o "$scratch/by_command.onnx" --data $data/calib --preprocess --per-channel
cmp "$scratch/by_library.onnx" "$scratch/by_command.onnx"
