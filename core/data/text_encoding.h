#pragma once

#include "data/byte_source.h"

#include <memory>
#include <string>
#include <string_view>

namespace apiary::data {

/// The encoding of a text by its beginning, see Encoding. `whole`: this is all of it, so that a character cut at its end
/// is a fault.
Encoding detectEncoding(std::string_view start, bool whole);

/// Bytes of a text as UTF-8 without a byte order mark. UTF-8 itself passes unchecked: who reads rows knows their lines.
/// In another encoding (converted by ICU) what is no character throws InputError with `where`.
std::unique_ptr<ByteSource> decoded(std::unique_ptr<ByteSource> source, Encoding encoding, std::string where);

/// A source with some of its bytes read already: gives those first.
std::unique_ptr<ByteSource> withStart(std::string start, std::unique_ptr<ByteSource> rest);

} // namespace apiary::data
