/// The reader of launch files, on files that HDF5 itself finds in order.
///
/// libhdf5 1.10.8 crashes on files whose bytes are damaged (CVE-2019-8396, CVE-2020-10812 and others), which is not
/// ours to mend and would drown what is. So the input does not stand for the bytes of a file but for a list of changes
/// to a good launch file, all made through HDF5: datasets and attributes that are missing, of another type, shape or
/// length, or hold other values. The reader opens by path, so the file lies in memory at /dev/shm.
#include <array>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <hdf5.h>
#include <iterator>
#include <string>
#include <unistd.h>
#include <vector>

#include "fuzz_target.hpp"
#include "store/example_launch.hpp"
#include "store/launch_reader.hpp"
#include "store/launch_writer.hpp"
#include "store/schema.hpp"

namespace {

using namespace hockney;
namespace fs = std::filesystem;

// What is left of the input, taken from its beginning; zeros when it is used up.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}

  bool empty() const { return size_ == 0; }

  std::uint8_t byte() {
    if (size_ == 0) {
      return 0;
    }
    --size_;
    return *data_++;
  }

  std::size_t below(std::size_t limit) { return (byte() + std::size_t{256} * byte()) % limit; }

  std::vector<std::uint8_t> bytes(std::size_t count) {
    std::vector<std::uint8_t> taken(count);
    for (auto& value : taken) {
      value = byte();
    }
    return taken;
  }

 private:
  const std::uint8_t* data_;
  std::size_t size_;
};

struct Object {
  std::string group;
  std::string name;
};

fs::path scratch() {
  const fs::path memory = "/dev/shm";
  return (fs::is_directory(memory) ? memory : fs::temp_directory_path()) / fmt::format("hockney-fuzz-{}", ::getpid());
}

std::string good_launch(const fs::path& folder) {
  Launch launch = store::example_launch();
  launch.info.run_uuid = "00000000-0000-4000-8000-000000000000";
  store::LaunchWriter writer(folder, launch.info, launch.provenance, launch.placements, launch.skipped);
  constexpr std::uint64_t visits = 3;
  for (std::uint64_t seed = 0; seed < visits; ++seed) {
    writer.append(store::example_visit(seed, 4, 5));
  }
  const fs::path file = writer.finish();
  std::ifstream stream(file, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(stream), {}};
  fs::remove(file);
  return bytes;
}

std::vector<Object> datasets() {
  std::vector<Object> objects;
  for (const auto& dataset : store::schema::datasets()) {
    const auto slash = dataset.path.rfind('/');
    objects.push_back({dataset.path.substr(0, slash), dataset.path.substr(slash + 1)});
  }
  return objects;
}

// Number types, texts of fixed and variable length, and what no column has.
hid_t any_type(Input& input) {
  const std::array<hid_t, 8> numbers{H5T_STD_U8LE,  H5T_STD_I32LE,  H5T_STD_U32LE,  H5T_STD_U64LE,
                                     H5T_STD_I64LE, H5T_IEEE_F64LE, H5T_IEEE_F32LE, H5T_STD_U64BE};
  const std::size_t choice = input.below(numbers.size() + 3);
  if (choice < numbers.size()) {
    return H5Tcopy(numbers[choice]);
  }
  const hid_t text = H5Tcopy(H5T_C_S1);
  H5Tset_size(text, choice == numbers.size() ? H5T_VARIABLE : 1 + input.below(300));
  H5Tset_cset(text, input.byte() % 2 == 0 ? H5T_CSET_UTF8 : H5T_CSET_ASCII);
  H5Tset_strpad(text, input.byte() % 2 == 0 ? H5T_STR_NULLPAD : H5T_STR_NULLTERM);
  return text;
}

// 0 to 2 dimensions of a few rows, or, where no value is written, of any number.
hid_t any_space(Input& input, bool huge) {
  constexpr std::size_t few = 9;
  const std::array<hsize_t, 2> size{input.below(few) << (huge ? input.below(50) : 0), input.below(few)};
  switch (input.byte() % 4) {
    case 0:
      return H5Screate(H5S_SCALAR);
    case 1:
      return H5Screate(H5S_NULL);
    case 2:
      return H5Screate_simple(2, size.data(), nullptr);
    default:
      return H5Screate_simple(1, size.data(), nullptr);
  }
}

// Values for `space` from the input, written by `write`.
template <class Write>
void write_values(Input& input, hid_t type, hid_t space, Write&& write) {
  constexpr hssize_t most = 4096;
  const hssize_t points = H5Sget_simple_extent_npoints(space);
  const H5T_class_t kind = H5Tget_class(type);
  const bool plain = kind == H5T_INTEGER || kind == H5T_FLOAT || kind == H5T_STRING;  // the others hold pointers
  if (points <= 0 || points > most || !plain) {
    return;
  }
  if (H5Tis_variable_str(type) > 0) {
    std::vector<std::string> texts(static_cast<std::size_t>(points));
    std::vector<const char*> pointers;
    for (std::string& text : texts) {
      const auto bytes = input.bytes(input.below(40));
      text.assign(bytes.begin(), bytes.end());
      pointers.push_back(input.byte() % 8 == 0 ? nullptr : text.c_str());
    }
    write(pointers.data());
    return;
  }
  const auto values = input.bytes(static_cast<std::size_t>(points) * H5Tget_size(type));
  write(values.data());
}

void replace_dataset(Input& input, hid_t group, const char* name) {
  const hid_t type = any_type(input);
  const bool unwritten = input.byte() % 4 == 0;
  const hid_t space = any_space(input, unwritten);
  const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  if (unwritten) {
    H5Pset_alloc_time(creation, H5D_ALLOC_TIME_LATE);
  }
  H5Ldelete(group, name, H5P_DEFAULT);
  const hid_t made = H5Dcreate2(group, name, type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
  if (made >= 0) {
    if (!unwritten) {
      write_values(input, type, space,
                   [&](const void* values) { H5Dwrite(made, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values); });
    }
    H5Dclose(made);
  }
  H5Pclose(creation);
  H5Sclose(space);
  H5Tclose(type);
}

void overwrite_values(Input& input, hid_t group, const char* name) {
  const hid_t dataset = H5Dopen2(group, name, H5P_DEFAULT);
  if (dataset < 0) {
    return;
  }
  const hid_t type = H5Dget_type(dataset);
  const hid_t space = H5Dget_space(dataset);
  write_values(input, type, space,
               [&](const void* values) { H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values); });
  H5Sclose(space);
  H5Tclose(type);
  H5Dclose(dataset);
}

// One of the attributes that the owner has, by index.
std::string any_attribute(Input& input, hid_t owner) {
  H5O_info_t info{};
  if (H5Oget_info2(owner, &info, H5O_INFO_NUM_ATTRS) < 0 || info.num_attrs == 0) {
    return {};
  }
  const hsize_t index = input.below(info.num_attrs);
  std::array<char, 64> name{};
  H5Aget_name_by_idx(owner, ".", H5_INDEX_NAME, H5_ITER_INC, index, name.data(), name.size(), H5P_DEFAULT);
  return name.data();
}

void replace_attribute(Input& input, hid_t owner) {
  const std::string name = any_attribute(input, owner);
  if (name.empty()) {
    return;
  }
  const bool same_type = input.byte() % 2 == 0;
  const hid_t old = H5Aopen(owner, name.c_str(), H5P_DEFAULT);
  const hid_t type = same_type ? H5Aget_type(old) : any_type(input);
  const hid_t space = same_type ? H5Aget_space(old) : any_space(input, false);
  H5Aclose(old);
  H5Adelete(owner, name.c_str());
  if (input.byte() % 8 != 0) {
    const hid_t made = H5Acreate2(owner, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT);
    if (made >= 0) {
      write_values(input, type, space, [&](const void* values) { H5Awrite(made, type, values); });
      H5Aclose(made);
    }
  }
  H5Sclose(space);
  H5Tclose(type);
}

void change(Input& input, hid_t file, const std::vector<Object>& objects) {
  const Object& object = objects[input.below(objects.size())];
  const Object& other = objects[input.below(objects.size())];
  const hid_t group = H5Gopen2(file, object.group.c_str(), H5P_DEFAULT);
  if (group < 0) {
    return;
  }
  const char* const name = object.name.c_str();
  switch (input.byte() % 8) {
    case 0:
      H5Ldelete(group, name, H5P_DEFAULT);
      break;
    case 1:
      replace_dataset(input, group, name);
      break;
    case 2:
      replace_attribute(input, file);
      break;
    case 3: {
      const hid_t dataset = H5Dopen2(group, name, H5P_DEFAULT);
      if (dataset >= 0) {
        replace_attribute(input, dataset);
        H5Dclose(dataset);
      }
      break;
    }
    case 4:
      H5Ldelete(group, name, H5P_DEFAULT);
      H5Lcreate_soft((other.group + "/" + other.name).c_str(), group, name, H5P_DEFAULT, H5P_DEFAULT);
      break;
    case 5:
      H5Ldelete(file, object.group.c_str(), H5P_DEFAULT);
      break;
    default:
      overwrite_values(input, group, name);
  }
  H5Gclose(group);
}

// Made once; removes its file at the end.
class Bench {
 public:
  Bench() : folder_(scratch()), good_((fs::create_directories(folder_), good_launch(folder_))) {}
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;
  ~Bench() { fs::remove_all(folder_); }

  fs::path changed(Input& input) const {
    constexpr int most_changes = 8;
    const fs::path path = folder_ / "launch.h5";
    std::ofstream(path, std::ios::binary) << good_;
    const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
    fuzz::require(file >= 0, "the good launch opens");
    for (int i = 0; i < most_changes && !input.empty(); ++i) {
      change(input, file, objects_);
    }
    fuzz::require(H5Fclose(file) >= 0, "the changed launch closes");
    return path;
  }

 private:
  fs::path folder_;
  std::string good_;
  std::vector<Object> objects_ = datasets();
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Bench bench;
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  Input input(data, size);
  const bool unchanged = size == 0;
  const fs::path path = bench.changed(input);
  bool is_read = false;
  fuzz::allow_input_errors([&] {
    const Launch launch = store::read_launch(path);
    is_read = true;
    for (const Measurement& visit : launch.measurements) {
      visit.point.name();
      fuzz::require(visit.elapsed.size() == visit.samples() * visit.rank_columns, "times of whole samples");
      to_string(visit.flags);
    }
  });
  fuzz::require(is_read || !unchanged, "the good launch is read");
  fuzz::require(H5Fget_obj_count(static_cast<hid_t>(H5F_OBJ_ALL), H5F_OBJ_ALL) == 0, "nothing of HDF5 stays open");
  return 0;
}
