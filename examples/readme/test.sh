# README's examples: the program, and the command line as it stands there.
set -euo pipefail
readme=$1 scratch=$3
octet() { "$real" "$@"; }
real=$2
rm -rf "$scratch" && mkdir -p "$scratch"
cp -r examples/data/digits_mbv2/model.onnx examples/data/digits_mbv2/calib "$scratch"
cp -r examples/data/digits_mbv2/eval/test_data_set_0 "$scratch"
readme=$(realpath "$readme") real=$(realpath "$real")
cd "$scratch"

"$readme" model.onnx by_library.onnx calib

octet quantize static model.onnx -o model.int8.onnx --data calib --preprocess --activation-type uint8 --per-channel --report report.html
octet run model.int8.onnx --inputs test_data_set_0 --outputs results
octet inspect model.int8.onnx

cmp by_library.onnx model.int8.onnx
[ -s results/output_0.pb ]
grep -q '</html>' report.html
