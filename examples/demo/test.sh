# The demo on its own model: every policy is close to the float model, and writes a model that is smaller and can be read.
set -euo pipefail
example=$1 octet=$2 scratch=$3
rm -rf "$scratch" && mkdir -p "$scratch"

"$example" --out "$scratch" | tee "$scratch/said"
float=$(sed -n 's/.*float: top-1 \([0-9]*\)\.[0-9]* %.*/\1/p' "$scratch/said")
[ "$float" -ge 97 ] || { echo "the float model has only $float of 100 right"; exit 1; }
for policy in u8u8 u8u8:per-channel u8s8 u8s8:per-channel s8s8 s8s8:per-channel; do
  right=$(sed -n "s/^$policy  .* %  *\([0-9]*\)\.[0-9]* %  *[0-9.]* %.*/\1/p" "$scratch/said")
  [ "$right" -ge $((float - 3)) ] || { echo "$policy has only ${right:-none} of 100 right, the float model $float"; exit 1; }
  file=$scratch/digits_mbv2.${policy/:/.}.onnx
  [ "$(stat -c %s "$file")" -lt 150000 ] || { echo "$file is not smaller"; exit 1; }
  "$octet" inspect "$file" | grep -q QuantizeLinear
done
! "$example" only-a-model 2>"$scratch/said" || { echo "a model without data is accepted"; exit 1; }
grep -q 'a model needs its data' "$scratch/said"
