# The example as a program, and the same job on the command line: both must write the same model, close to the float one.
set -euo pipefail
example=$1 octet=$2 scratch=$3
rm -rf "$scratch" && mkdir -p "$scratch"

"$example" "$scratch/float.onnx" "$scratch/by_library.onnx" | tee "$scratch/said"
db=$(sed -n 's/^SQNR \([0-9]*\)\..* dB$/\1/p' "$scratch/said")
[ "$db" -ge 30 ] || { echo "only $db dB from the float model"; exit 1; }
grep -q '^lstm: INT8' "$scratch/said"

"$octet" quantize dynamic "$scratch/float.onnx" -o "$scratch/by_command.onnx" --per-channel
cmp "$scratch/by_library.onnx" "$scratch/by_command.onnx"
"$octet" inspect "$scratch/by_command.onnx" | grep -q DynamicQuantizeLSTM
"$octet" inspect --target ort-x64-vnni "$scratch/float.onnx" | grep -q 'octet quantize dynamic'
