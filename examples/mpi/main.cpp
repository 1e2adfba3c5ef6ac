// Calibrates on several machines: every rank runs some of the samples, MPI reduces what they saw with octet's merge.
//   mpirun -n RANKS mpi MODEL DATA OUT.json STATE [METHOD]     STATE: a folder where finished samples are kept
#define OMPI_SKIP_MPICXX 1
#define MPICH_SKIP_MPICXX 1
#include <mpi.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <optional>

#include <octet/calibrate/ranges_file.hpp>
#include <octet/calibrate/resume.hpp>
#include <octet/octet.hpp>

namespace {

using octet::partial_calibration;

constexpr std::size_t round_size = 4;  ///< samples between two writes of the state

/// What every part of this calibration is made with. MPI hands no context to a reduction, so there is one for the
/// program.
struct calibration {
  std::string key{};
  std::vector<std::string> tensors{};
  octet::shipped_calibrator method{};

  partial_calibration part() const { return {key, tensors, octet::ref(method)}; }
};
calibration job;

/// A part as MPI sends it: a length, its bytes, and room for what merging adds.
struct packed {
  std::vector<char> bytes;

  explicit packed(std::size_t capacity) : bytes(sizeof(std::uint64_t) + capacity) {}
  static void write(char* to, std::string const& s, std::size_t room) {
    if (s.size() > room)
      throw octet::error{octet::error_kind::internal, "merging made more bytes than there is room for"};
    std::uint64_t const n = s.size();
    std::memcpy(to, &n, sizeof n);
    std::memcpy(to + sizeof n, s.data(), s.size());
  }
  static partial_calibration read(char const* from) {
    std::uint64_t n = 0;
    std::memcpy(&n, from, sizeof n);
    auto p = job.part();
    p.read({from + sizeof n, static_cast<std::size_t>(n)});
    return p;
  }
};

[[noreturn]] void give_up(octet::error const& e) {
  std::fprintf(stderr, "%s (%s) %s\n", e.what(), e.where.c_str(), e.hint.c_str());
  MPI_Abort(MPI_COMM_WORLD, static_cast<int>(e.kind));
  std::abort();
}

/// The reduction. Merging is exact, hence commutative and associative: MPI may combine the ranks as it likes.
void merge(void* in, void* in_out, int* count, MPI_Datatype* type) try {
  int size = 0;
  MPI_Type_size(*type, &size);
  for (int i = 0; i < *count; ++i) {
    auto* const to = static_cast<char*>(in_out) + std::ptrdiff_t{size} * i;
    auto all = packed::read(to);
    all.merge(packed::read(static_cast<char const*>(in) + std::ptrdiff_t{size} * i));
    packed::write(to, all.bytes(), static_cast<std::size_t>(size) - sizeof(std::uint64_t));
  }
} catch (octet::error const& e) {
  give_up(e);
}

/// What all ranks saw, on rank 0.
std::optional<partial_calibration> reduce(partial_calibration const& mine, int rank) {
  auto const own = mine.bytes();
  std::uint64_t const size = own.size();
  std::uint64_t capacity = 0;  // a merged part is not larger than both together
  MPI_Allreduce(&size, &capacity, 1, MPI_UINT64_T, MPI_SUM, MPI_COMM_WORLD);
  packed send{capacity}, receive{rank == 0 ? capacity : 0};
  packed::write(send.bytes.data(), own, capacity);
  MPI_Datatype type;
  MPI_Type_contiguous(static_cast<int>(send.bytes.size()), MPI_BYTE, &type);
  MPI_Type_commit(&type);
  MPI_Op op;
  MPI_Op_create(&merge, /*commute=*/1, &op);
  MPI_Reduce(send.bytes.data(), receive.bytes.data(), 1, type, op, 0, MPI_COMM_WORLD);
  MPI_Op_free(&op);
  MPI_Type_free(&type);
  if (rank != 0) return std::nullopt;
  return packed::read(receive.bytes.data());
}

/// Parts that earlier runs left, by any number of ranks, and the number that the next one gets.
struct left_behind {
  partial_calibration done = job.part();
  int next = 0;

  explicit left_behind(std::string const& folder) {
    for (auto const& file : std::filesystem::directory_iterator{folder}) {
      int number = 0;
      if (std::sscanf(file.path().filename().c_str(), "part-%d.octcal", &number) != 1) continue;
      auto part = job.part();
      part.load(file.path());
      done.merge(part);
      next = std::max(next, number + 1);
    }
  }
};

/// Runs the given samples; after each round what it saw is in `file`.
void run(octet::model const& m, octet::data_files const& files, std::vector<std::size_t> const& samples,
         partial_calibration& part, std::string const& file) {
  for (std::size_t from = 0; from < samples.size(); from += round_size) {
    octet::collector seen{job.tensors, octet::ref(job.method)};
    octet::session session{m, {.observer = &seen}};
    std::vector<std::uint64_t> numbers;
    for (std::size_t i = from; i < std::min(from + round_size, samples.size()); ++i) {
      session.run(files.load(samples[i]));
      seen.end_sample();
      numbers.push_back(files.number(samples[i]));
    }
    part.add(seen, std::move(numbers));
    part.save(file);
  }
}

std::string farewell;  ///< written by the rank that is told to end because another one is gone
void on_terminate(int) {
  if (::write(2, farewell.data(), farewell.size()) < 0) ::_exit(1);
  ::_exit(static_cast<int>(octet::error_kind::runtime));
}

void calibrate(char** argv, int argc, int rank, int ranks) {
  if (argc < 5 || argc > 6)
    throw octet::error{
        octet::error_kind::usage, "four or five arguments are needed", {}, "MODEL DATA OUT STATE METHOD"};
  std::string const path = argv[1], data = argv[2], state = argv[4], method = argc > 5 ? argv[5] : "minmax";
  auto const m = octet::load(path);
  octet::data_files const files{{data}, m};
  job = {method + ' ' + octet::fingerprint(path) + ' ' + octet::fingerprint(files), octet::calibrated_tensors(m),
         octet::parse_calibrator(method)};
  std::filesystem::create_directories(state);
  farewell = "rank " + std::to_string(rank) +
             ": another rank is gone, so this calibration ends; the samples that were " + "finished are in " + state +
             ", and the same command goes on with the others, on any number of ranks\n";
  std::signal(SIGTERM, &on_terminate);

  left_behind const before{state};
  MPI_Barrier(MPI_COMM_WORLD);  // all have looked before anyone writes
  std::vector<std::size_t> mine;
  std::size_t open = 0;
  for (std::size_t i = 0; i < files.size(); ++i)
    if (!before.done.has(files.number(i)) && static_cast<int>(open++ % static_cast<std::size_t>(ranks)) == rank)
      mine.push_back(i);
  auto part = job.part();
  run(m, files, mine, part, state + "/part-" + std::to_string(before.next + rank) + ".octcal");
  if (rank == 0) part.merge(before.done);
  auto const all = reduce(part, rank);
  if (!all) return;
  auto const ranges = all->data().choose();
  ranges.save(argv[3]);
  std::printf("%d ranks, %zu samples, %zu of them finished before, %zu tensors -> %s\n", ranks, all->samples().size(),
              before.done.samples().size(), ranges.size(), argv[3]);
}

}  // namespace

int main(int argc, char** argv) {
  MPI_Init(&argc, &argv);
  int rank = 0, ranks = 1;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  try {
    calibrate(argv, argc, rank, ranks);
  } catch (octet::error const& e) {
    std::fprintf(stderr, "rank %d: ", rank);
    give_up(e);
  }
  MPI_Finalize();
}
