# Both networks: every float tensor is in the table, the command line writes the same three files, and a value is the largest magnitude.
set -euo pipefail
example=$1 octet=$2 scratch=$3
rm -rf "$scratch" && mkdir -p "$scratch"

for name in resnet50 yolo; do
  folder=$scratch/$name
  "$example" $name "$folder" | tee "$scratch/said"
  # every node has one output, which is float; and there is the input
  read -r nodes tensors < <(sed -n "s/^$name: \([0-9]*\) nodes, \([0-9]*\) tensors in the table$/\1 \2/p" "$scratch/said")
  [ "$tensors" = $((nodes + 1)) ] || { echo "$tensors tensors of $nodes nodes are in the table"; exit 1; }
  [ "$(wc -l <"$folder/table/calibration.cache")" = "$tensors" ]

  "$octet" calibrate "$folder/model.onnx" --data "$folder/calib" -o "$scratch/$name.json"
  "$octet" table "$scratch/$name.json" --out-dir "$scratch/$name.table"
  for file in calibration.json calibration.cache calibration.flatbuffers; do cmp "$folder/table/$file" "$scratch/$name.table/$file"; done

  python3 - "$folder/table" <<'END'
import json, pathlib, sys
folder = pathlib.Path(sys.argv[1])
ranges = json.loads((folder / "calibration.json").read_text())["data"]
lines = dict(line.rsplit(" ", 1) for line in (folder / "calibration.cache").read_text().splitlines())
assert lines.keys() == ranges.keys()
for name, r in ranges.items():
    low, high = r["lowest"]["data"][0], r["highest"]["data"][0]
    assert float(lines[name]) == max(abs(low), abs(high)), (name, low, high, lines[name])
assert any(abs(r["lowest"]["data"][0]) > abs(r["highest"]["data"][0]) for r in ranges.values()), "no tensor tells the ends apart"
stored = (folder / "calibration.flatbuffers").read_bytes()
assert all(name.encode() + b"\0" in stored and value.encode() + b"\0" in stored for name, value in lines.items())
END

  "$octet" quantize static "$folder/model.onnx" -o "$scratch/$name.int8.onnx" --data "$folder/calib" --preprocess --target tensorrt
  "$octet" inspect --target tensorrt "$scratch/$name.int8.onnx" >/dev/null  # no rule of the target is broken
done
