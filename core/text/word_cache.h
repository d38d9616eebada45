#pragma once

#include "text/vocabulary.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace apiary::text {

/// The ids of short words, so that a frequent one is tokenized once. One a thread and a model: see localCache(). A word
/// has one place, where a later one replaces it, so that it neither grows nor needs cleaning.
class WordCache {
public:
    static constexpr std::size_t longestWord = 30;
    static constexpr std::size_t mostIds = 8;

    /// Empties it where it served another model.
    void serve(std::uint64_t model)
    {
        if (m_model == model)
            return;
        m_entries.assign(places, Entry{});
        m_model = model;
    }

    /// Appends the ids of a word that is there.
    bool find(std::string_view word, std::vector<std::int32_t> &ids) const
    {
        if (word.size() > longestWord)
            return false;
        const Entry &entry = m_entries[placeOf(word)];
        if (entry.length != word.size() || std::memcmp(entry.word.data(), word.data(), word.size()) != 0)
            return false;
        ids.insert(ids.end(), entry.ids.begin(), entry.ids.begin() + entry.count);
        return true;
    }

    void add(std::string_view word, std::span<const std::int32_t> ids)
    {
        if (word.size() > longestWord || word.empty() || ids.size() > mostIds)
            return;
        Entry &entry = m_entries[placeOf(word)];
        entry.length = static_cast<std::uint8_t>(word.size());
        entry.count = static_cast<std::uint8_t>(ids.size());
        std::memcpy(entry.word.data(), word.data(), word.size());
        std::copy(ids.begin(), ids.end(), entry.ids.begin());
    }

private:
    static constexpr std::size_t places = 1U << 14; ///< a MiB

    struct alignas(64) Entry {
        std::uint8_t length = 0; ///< 0: empty
        std::uint8_t count = 0;
        std::array<char, longestWord> word{};
        std::array<std::int32_t, mostIds> ids{};
    };
    static_assert(sizeof(Entry) == 64);

    static std::size_t placeOf(std::string_view word)
    {
        // Eight bytes at a time, multiplied and folded.
        std::uint64_t hash = word.size();
        while (word.size() >= 8) {
            hash = mix(hash ^ load(word.data(), 8));
            word.remove_prefix(8);
        }
        if (!word.empty())
            hash = mix(hash ^ load(word.data(), word.size()));
        return static_cast<std::size_t>(hash >> 32) & (places - 1);
    }
    static std::uint64_t load(const char *bytes, std::size_t count)
    {
        std::uint64_t value = 0;
        std::memcpy(&value, bytes, count);
        return value;
    }
    static std::uint64_t mix(std::uint64_t value)
    {
        value *= 0x9E3779B97F4A7C15ULL;
        return value ^ value >> 29;
    }

    std::uint64_t m_model = 0;
    std::vector<Entry> m_entries;
};

/// A number of its own for every model that is made, never 0.
std::uint64_t nextModelNumber();

/// This thread's cache, ready for a model.
WordCache &localCache(std::uint64_t model);

} // namespace apiary::text
