#include "text/wire_reader.h"

#include "base/error.h"

#include <bit>

namespace apiary::text {

namespace {

std::uint64_t littleEndian(std::string_view bytes)
{
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i)
        value |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
    return value;
}

} // namespace

float WireReader::Field::asFloat() const
{
    return std::bit_cast<float>(static_cast<std::uint32_t>(value));
}

void WireReader::fail() const
{
    throw InputError("this is no sentencepiece model, or a broken one", *m_where, "get the encoder's files again");
}

std::uint64_t WireReader::varint()
{
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        const auto byte = static_cast<unsigned char>(take(1).front());
        value |= std::uint64_t{byte & 0x7FU} << shift;
        if (byte < 0x80)
            return value;
    }
    fail();
}

std::string_view WireReader::take(std::uint64_t size)
{
    if (size > m_rest.size())
        fail();
    const std::string_view bytes = m_rest.substr(0, static_cast<std::size_t>(size));
    m_rest.remove_prefix(bytes.size());
    return bytes;
}

bool WireReader::next(Field &field)
{
    if (m_rest.empty())
        return false;
    const std::uint64_t tag = varint();
    field = {};
    field.number = static_cast<std::uint32_t>(tag >> 3);
    switch (tag & 7U) {
    case 0:
        field.value = varint();
        break;
    case 1:
        field.value = littleEndian(take(8));
        break;
    case 2:
        field.bytes = take(varint());
        break;
    case 5:
        field.value = littleEndian(take(4));
        break;
    default:
        fail();
    }
    return true;
}

} // namespace apiary::text
