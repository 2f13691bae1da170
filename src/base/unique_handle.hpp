#pragma once

#include <utility>

namespace hockney::inline base {

/// A move-only owner of one handle of a C library. `Traits` has `using type`, `static type none() noexcept` (the value
/// that is no handle) and `static void destroy(type) noexcept`. Never static: a handle must not outlive its library.
template <class Traits>
class UniqueHandle {
 public:
  using Type = typename Traits::type;

  UniqueHandle() = default;
  explicit UniqueHandle(Type handle) noexcept : handle_(handle) {}
  UniqueHandle(const UniqueHandle&) = delete;
  UniqueHandle& operator=(const UniqueHandle&) = delete;
  UniqueHandle(UniqueHandle&& other) noexcept : handle_(std::exchange(other.handle_, Traits::none())) {}
  UniqueHandle& operator=(UniqueHandle&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~UniqueHandle() {
    if (handle_ != Traits::none()) {
      Traits::destroy(handle_);
    }
  }

  Type get() const noexcept { return handle_; }

 private:
  Type handle_ = Traits::none();
};

}  // namespace hockney::inline base
