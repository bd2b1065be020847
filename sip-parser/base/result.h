// Result<T, E>: a value or the reason why there is none.
//
// Spelled as a subset of std::expected, which neither g++ 12 in C++20 nor clang 14 has. Reading
// the value of a failure, or the error of a success, aborts. Tested in the line after it is made:
//
//   Result<Via, ParseError> via = parse_via(text);
//   if (!via) return Fail{via.error()};
#pragma once

#include "sip-parser/base/check.h"

namespace demarc {

template <class E>
struct Fail {
  E error;
};
template <class E>
Fail(E) -> Fail<E>;

template <class T, class E>
class [[nodiscard]] Result {
 public:
  constexpr Result(const T& value) : has_value_(true), value_(value) {}
  constexpr Result(Fail<E> fail) : has_value_(false), error_(fail.error) {}

  constexpr bool has_value() const { return has_value_; }
  constexpr explicit operator bool() const { return has_value_; }
  constexpr const T& operator*() const {
    DEMARC_CHECK(has_value_);
    return value_;
  }
  constexpr T& operator*() {
    DEMARC_CHECK(has_value_);
    return value_;
  }
  constexpr const T* operator->() const { return &**this; }
  constexpr T* operator->() { return &**this; }
  constexpr E error() const {
    DEMARC_CHECK(!has_value_);
    return error_;
  }

 private:
  bool has_value_;
  union {
    T value_;
    E error_;
  };
};

}  // namespace demarc
