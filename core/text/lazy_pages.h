#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

namespace apiary::text {

/// Something for every 256 scalar values, made when first asked for. Safe to share between threads.
/// A text touches a handful of the 4352 pages, so that neither start-up nor memory pays for all of Unicode.
template <typename Page>
class LazyPages {
public:
    /// `make(first)` gives the page (a unique_ptr) of the scalars [first, first + 256).
    template <typename Make>
    const Page &at(char32_t scalar, const Make &make) const
    {
        const Page *page = m_pages[scalar >> 8].load(std::memory_order_acquire);
        return page ? *page : install(scalar, make);
    }

private:
    template <typename Make>
    const Page &install(char32_t scalar, const Make &make) const
    {
        const std::lock_guard lock(m_mutex);
        auto &slot = m_pages[scalar >> 8];
        if (const Page *page = slot.load(std::memory_order_relaxed))
            return *page;
        m_owned.push_back(make(scalar & ~char32_t{0xFF}));
        slot.store(m_owned.back().get(), std::memory_order_release);
        return *m_owned.back();
    }

    mutable std::array<std::atomic<const Page *>, 0x1100> m_pages{};
    mutable std::mutex m_mutex;
    mutable std::vector<std::unique_ptr<const Page>> m_owned;
};

} // namespace apiary::text
