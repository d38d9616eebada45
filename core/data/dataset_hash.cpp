#include "data/dataset.h"

#include "base/cancel.h"
#include "hub/sha256.h"

#include <bit>
#include <cstdint>
#include <stop_token>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace apiary::data {

namespace {

/// Writes values so that the bytes depend on nothing but the values.
class CanonicalStream {
public:
    explicit CanonicalStream(std::stop_token stop) : m_stop(std::move(stop)) { m_buffer.reserve(2 * flushAt); }

    void add(std::uint64_t number)
    {
        char bytes[8];
        for (int i = 0; i < 8; ++i)
            bytes[i] = static_cast<char>((number >> (8 * i)) & 0xFF);
        m_buffer.append(bytes, sizeof bytes);
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
        throwIfStopped(m_stop);
        m_hash.update(m_buffer);
        m_buffer.clear();
    }

    std::stop_token m_stop;
    hub::Sha256 m_hash;
    std::string m_buffer;
};

} // namespace

std::string datasetHash(const Interactions &interactions, const Catalog &catalog, std::stop_token stop)
{
    CanonicalStream stream(std::move(stop));
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
