#pragma once

#include <bit>
#include <cstdint>
#include <vector>

namespace apiary::text {

/// Which two neighbours make one token, and how early. One flat hash table.
class Merges {
public:
    struct Merge {
        std::uint32_t rank = none; ///< the lower the earlier
        std::int32_t id = -1;      ///< of what they make
    };
    static constexpr std::uint32_t none = UINT32_MAX;

    explicit Merges(std::size_t count) : m_slots(std::bit_ceil(count * 2 + 2)), m_mask(m_slots.size() - 1) {}

    /// Of a pair that comes twice the later counts.
    void add(std::int32_t left, std::int32_t right, Merge merge)
    {
        Slot &slot = m_slots[placeOf(keyOf(left, right))];
        slot = {keyOf(left, right), merge};
    }

    /// What a pair makes, of rank `none` where nothing.
    Merge find(std::int32_t left, std::int32_t right) const { return m_slots[placeOf(keyOf(left, right))].merge; }

private:
    static constexpr std::uint64_t empty = UINT64_MAX; // ids are not negative

    struct Slot {
        std::uint64_t key = empty;
        Merge merge;
    };

    static std::uint64_t keyOf(std::int32_t left, std::int32_t right)
    {
        return std::uint64_t{static_cast<std::uint32_t>(left)} << 32 | static_cast<std::uint32_t>(right);
    }
    /// Where a key is, or the empty slot where it would be.
    std::size_t placeOf(std::uint64_t key) const
    {
        std::uint64_t hash = key * 0x9E3779B97F4A7C15ULL;
        hash ^= hash >> 32;
        std::size_t place = static_cast<std::size_t>(hash * 0x9E3779B97F4A7C15ULL >> 20) & m_mask;
        while (m_slots[place].key != key && m_slots[place].key != empty)
            place = (place + 1) & m_mask;
        return place;
    }

    std::vector<Slot> m_slots;
    std::size_t m_mask;
};

} // namespace apiary::text
