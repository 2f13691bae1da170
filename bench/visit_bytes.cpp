#include "visit_bytes.hpp"

#include <cstring>
#include <type_traits>
#include <vector>

#include "base/error.hpp"
#include "store/visit_fields.hpp"

namespace hockney::bench {
namespace {

template <class Value>
concept Plain = std::is_trivially_copyable_v<Value>;

class Writer {
 public:
  template <Plain Value>
  void put(const Value& value) {
    append(&value, 1);
  }
  void put(const std::string& text) {
    put(text.size());
    append(text.data(), text.size());
  }
  void put(const std::vector<double>& values) {
    put(values.size());
    append(values.data(), values.size());
  }

  std::string bytes;

 private:
  template <class Value>
  void append(const Value* values, std::size_t count) {
    bytes.append(reinterpret_cast<const char*>(values), count * sizeof(Value));
  }
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  template <Plain Value>
  void get(Value& value) {
    take(&value, 1);
  }
  void get(std::string& text) {
    text.resize(count());
    take(text.data(), text.size());
  }
  void get(std::vector<double>& values) {
    values.resize(count());
    take(values.data(), values.size());
  }
  bool is_at_end() const { return bytes_.empty(); }

 private:
  std::size_t count() {
    std::size_t number = 0;
    get(number);
    if (number > bytes_.size()) {
      throw Failure("bytes of a visit are cut short");
    }
    return number;
  }

  template <class Value>
  void take(Value* values, std::size_t count) {
    const std::size_t size = count * sizeof(Value);
    if (size > bytes_.size()) {
      throw Failure("bytes of a visit are cut short");
    }
    std::memcpy(values, bytes_.data(), size);
    bytes_.remove_prefix(size);
  }

  std::string_view bytes_;
};

/// Calls use(value) for each part of a visit, in one order for writing and reading.
template <class Visit, class Use>
void for_each_part(Visit& visit, Use use) {
  for_each_field(store::schema::visit_fields, [&](const auto& each) { use(each.in(visit)); });
  for_each_field(store::schema::observation_fields, [&](const auto& each) { use(each.in(visit.observation)); });
  use(visit.point.operations_per_sample);
  use(visit.rank_columns);
  use(visit.before);
  use(visit.after);
  use(visit.elapsed);
  use(visit.enqueue_s);
  use(visit.host_s);
}

}  // namespace

std::string to_bytes(const Measurement& visit) {
  Writer writer;
  for_each_part(visit, [&](const auto& part) { writer.put(part); });
  return std::move(writer.bytes);
}

Measurement from_bytes(std::string_view bytes, const Case& point) {
  Measurement visit;
  visit.point = point;
  Reader reader(bytes);
  for_each_part(visit, [&](auto& part) { reader.get(part); });
  if (!reader.is_at_end()) {
    throw Failure("bytes of a visit are too many");
  }
  return visit;
}

}  // namespace hockney::bench
