#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace apiary::data {

/// Strings numbered in order of appearance, each kept once. An open hash table over one arena: 25 million look-ups of ids
/// take a fraction of what reading them does.
class StringPool {
public:
    /// The number of `text`, given to it now where it is new.
    std::int32_t number(std::string_view text);
    /// The number of `text`, or -1.
    std::int32_t find(std::string_view text) const;
    std::string_view operator[](std::int32_t number) const { return m_texts[static_cast<std::size_t>(number)]; }
    /// Another pool with the same strings under the same numbers.
    StringPool copy() const;
    std::int64_t size() const { return static_cast<std::int64_t>(m_texts.size()); }

private:
    struct Slot {
        std::uint32_t hash = 0;
        std::int32_t number = -1;
    };
    std::size_t slot(std::string_view text, std::uint32_t hash) const;
    void grow();
    std::string_view kept(std::string_view text);

    std::vector<Slot> m_slots = std::vector<Slot>(std::size_t{1} << 10);
    std::vector<std::string_view> m_texts;
    std::vector<std::unique_ptr<char[]>> m_blocks;
    std::size_t m_room = 0;
    char *m_free = nullptr;
};

} // namespace apiary::data
