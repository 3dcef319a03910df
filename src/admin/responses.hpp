#pragma once

#include <string>
#include <string_view>

#include "admin/source.hpp"

namespace horolog::admin {

/// An answer before it becomes HTTP.
struct Answer {
  unsigned status = 200;
  std::string content_type;
  std::string body;
};

/// What each path says. `target` is the request's, with or without a query. Knows no network.
Answer answer_get(std::string_view target, const Source& source, std::string_view version);

/// A plain text answer, such as an error's.
Answer text_answer(unsigned status, std::string_view text);

}  // namespace horolog::admin
