#pragma once

#include "text/vocabulary.h"

#include <array>

namespace apiary::text {

/// The ids of <0x00> … <0xFF>, which stand for bytes that no other token covers; -1 where one is not there.
std::array<std::int32_t, 256> byteTokens(const Vocabulary &vocabulary);

/// Appends the byte tokens of a text; false, and nothing appended, where one of them is not there.
bool appendByteTokens(const std::array<std::int32_t, 256> &byteIds, std::string_view text,
                      std::vector<std::int32_t> &ids);

} // namespace apiary::text
