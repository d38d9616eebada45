#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace apiary::text {

/// Reads the fields of a protobuf message one after the other. Borrows the bytes.
class WireReader {
public:
    /// `where` names the file for errors.
    WireReader(std::string_view bytes, const std::string &where) : m_rest(bytes), m_where(&where) {}

    struct Field {
        std::uint32_t number = 0;
        std::uint64_t value = 0; ///< of a number; the bits of a 32- or 64-bit one
        std::string_view bytes;  ///< of a text or a message

        float asFloat() const;
    };

    /// The next field; false at the end. Throws InputError where the message is broken.
    bool next(Field &field);

private:
    [[noreturn]] void fail() const;
    std::uint64_t varint();
    std::string_view take(std::uint64_t size);

    std::string_view m_rest;
    const std::string *m_where;
};

} // namespace apiary::text
