# The detector finds the digits, in int8 too; with a float tail its boxes are nearer to the float model's than without; the command
# line writes the same model.
set -euo pipefail
example=$1 octet=$2 scratch=$3
rm -rf "$scratch" && mkdir -p "$scratch"
data=examples/data/digits_mbv2

"$example" $data/model.onnx $data "$scratch" | tee "$scratch/said"
# row NAME: digits found in percent, boxes as in float in percent, mean IoU in hundredths of a percent
row() {
  read -r found digits same boxes overlap < <(sed -n "s/^$1 .* boxes, *\([0-9]*\) of \([0-9]*\) digits found, *\([0-9]*\) of \([0-9]*\) boxes as in float, mean IoU \([01]\)\.\(....\)$/\1 \2 \3 \4 \5\6/p" "$scratch/said")
  echo $((100 * found / digits)) $((100 * same / boxes)) $((10#$overlap))
}
read -r found same overlap < <(row float)
[ "$found" -ge 95 ] && [ "$same" = 100 ] && [ "$overlap" = 10000 ] || { echo "the float model finds $found % of the digits"; exit 1; }
read -r _ _ throughout < <(row 'int8 throughout')
read -r _ _ usual < <(row 'int8, by default')
[ "$usual" -gt $((throughout + 100)) ] || { echo "mean IoU $usual by default, $throughout throughout"; exit 1; }
read -r found same overlap < <(row 'int8, float tail')
[ "$found" -ge 93 ] && [ "$same" -ge 95 ] || { echo "int8: $found % of the digits, $same % of the boxes"; exit 1; }
[ "$overlap" -ge 9700 ] && [ "$overlap" -gt $((throughout + 100)) ] || { echo "mean IoU $overlap, without a float tail $throughout"; exit 1; }

"$octet" quantize static "$scratch/float.onnx" -o "$scratch/by_command.onnx" --data "$scratch/calib" --preprocess --per-channel \
  --activation-type uint8 --between picture:class_scores --between picture:moments --no-verify --min-quantized 99
cmp "$scratch/by_command.onnx" "$scratch/int8.onnx"
