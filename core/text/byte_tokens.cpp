#include "text/byte_tokens.h"

namespace apiary::text {

std::array<std::int32_t, 256> byteTokens(const Vocabulary &vocabulary)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::array<std::int32_t, 256> ids{};
    for (std::size_t byte = 0; byte < ids.size(); ++byte) {
        const char token[] = {'<', '0', 'x', digits[byte >> 4], digits[byte & 15], '>'};
        ids[byte] = vocabulary.find(std::string_view(token, sizeof token));
    }
    return ids;
}

bool appendByteTokens(const std::array<std::int32_t, 256> &byteIds, std::string_view text,
                      std::vector<std::int32_t> &ids)
{
    const std::size_t before = ids.size();
    for (const char byte : text) {
        const std::int32_t id = byteIds[static_cast<unsigned char>(byte)];
        if (id < 0) {
            ids.resize(before);
            return false;
        }
        ids.push_back(id);
    }
    return true;
}

} // namespace apiary::text
