# The same bytes as the command line's on 1, 2 and 4 ranks and for two methods; a rank that is killed is told of, and another number
# of ranks goes on with what is left.
set -euo pipefail
example=$1 octet=$2 scratch=$3
command -v mpirun >/dev/null || { echo "SKIPPED: there is no mpirun"; exit 77; }
rm -rf "$scratch" && mkdir -p "$scratch"
data=examples/data/digits_mbv2
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 PRTE_ALLOW_RUN_AS_ROOT=1 PRTE_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_plm_rsh_agent=/bin/false       # one machine: nothing is started elsewhere
export OMPI_MCA_btl_vader_single_copy_mechanism=none OMPI_MCA_mpi_yield_when_idle=1
export ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0  # Open MPI's own
same() { cmp <(cat "$1"; echo) "$2"; }  # the command line ends the file with a newline
ranks() { local n=$1; shift; mpirun --oversubscribe -n "$n" "$@"; }

for method in minmax entropy; do
  "$octet" calibrate $data/model.onnx --data $data/calib --method $method -o "$scratch/whole.$method.json"
  for n in 1 2 4; do
    ranks $n "$example" $data/model.onnx $data/calib "$scratch/$n.json" "$scratch/state.$method.$n" $method
    same "$scratch/$n.json" "$scratch/whole.$method.json"
  done
done

# Sample 9 is a pipe: rank 1 of 2, which has the samples 1, 3, 5, … and keeps a state every four, waits there until it is killed.
cp -r $data/calib "$scratch/data"
pipe=$scratch/data/test_data_set_9/input_0.pb
rm "$pipe" && mkfifo "$pipe"
line=("$example" $data/model.onnx "$scratch/data" "$scratch/killed.json" "$scratch/state")
ranks 2 bash -c 'echo $$ >"$0/pid.${OMPI_COMM_WORLD_RANK:-$PMIX_RANK}"; exec "$@"' "$scratch" "${line[@]}" 2>"$scratch/said" &
exec 3>"$pipe"  # until the rank reads there
kill -9 "$(cat "$scratch/pid.1")"
! wait $! || { echo "a killed rank went unnoticed"; exit 1; }
exec 3>&-
cat "$scratch/said"
grep -q 'signal 9' "$scratch/said"
grep -q 'another rank is gone.*the same command goes on' "$scratch/said"
[ ! -e "$scratch/killed.json" ]
ls "$scratch"/state/part-1.octcal

cat $data/calib/test_data_set_9/input_0.pb >"$pipe" &
ranks 3 "${line[@]}" | tee "$scratch/said"
before=$(sed -n 's/^3 ranks, 32 samples, \([0-9]*\) of them finished before.*/\1/p' "$scratch/said")
[ "$before" -ge 4 ] || { echo "nothing was kept of the killed run"; exit 1; }
same "$scratch/killed.json" "$scratch/whole.minmax.json"

# A state of another calibration is refused, and the whole job ends.
! ranks 2 "$example" $data/model.onnx $data/eval "$scratch/x.json" "$scratch/state" 2>"$scratch/said" || exit 1
grep -q 'of another calibration' "$scratch/said"
