#include "data/dataset.h"
#include "hub/sha256.h"

#include <bit>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

namespace apiary::data {

namespace {

/// Writes values so that the bytes depend on nothing but the values.
class CanonicalStream {
public:
    void add(std::uint64_t number)
    {
        for (int shift = 0; shift < 64; shift += 8)
            m_buffer += static_cast<char>((number >> shift) & 0xFF);
        if (m_buffer.size() >= flushAt)
            flush();
    }
    void add(const std::string &text)
    {
        add(static_cast<std::uint64_t>(text.size()));
        m_buffer += text;
    }
    template <typename T>
    void add(const std::vector<T> &values)
    {
        add(static_cast<std::uint64_t>(values.size()));
        for (const T &value : values) {
            if constexpr (std::is_same_v<T, std::string>)
                add(value);
            else if constexpr (std::is_same_v<T, float>)
                add(std::uint64_t{std::bit_cast<std::uint32_t>(value)});
            else
                add(static_cast<std::uint64_t>(value));
        }
    }
    std::string hex()
    {
        flush();
        return m_hash.hex();
    }

private:
    static constexpr std::size_t flushAt = std::size_t{1} << 16;

    void flush()
    {
        m_hash.update(m_buffer);
        m_buffer.clear();
    }

    hub::Sha256 m_hash;
    std::string m_buffer;
};

} // namespace

std::string datasetHash(const Interactions &interactions, const Catalog &catalog)
{
    CanonicalStream stream;
    stream.add(std::string("apiary dataset 1"));
    stream.add(interactions.users);
    stream.add(interactions.items);
    stream.add(interactions.csr.offsets);
    stream.add(interactions.csr.columns);
    stream.add(interactions.timestamps);
    stream.add(interactions.ratings);
    stream.add(catalog.ids);
    stream.add(catalog.texts);
    return stream.hex();
}

} // namespace apiary::data
