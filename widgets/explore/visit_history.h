#pragma once

#include <string>
#include <vector>

namespace apiary::widgets {

/// The items visited, as a browser keeps pages: back, forward, and a visit drops what lay ahead. Keeps external ids, so
/// that it outlives the session of one run.
class VisitHistory {
public:
    /// A second visit in a row of the same item changes nothing.
    void visit(const std::string &id)
    {
        if (!m_ids.empty() && m_ids[m_here] == id)
            return;
        if (!m_ids.empty())
            m_ids.resize(m_here + 1);
        m_ids.push_back(id);
        if (m_ids.size() > longest)
            m_ids.erase(m_ids.begin());
        m_here = m_ids.size() - 1;
    }
    bool canGoBack() const { return m_here > 0; }
    bool canGoForward() const { return m_here + 1 < m_ids.size(); }
    const std::string &back() { return m_ids[--m_here]; }    ///< needs canGoBack()
    const std::string &forward() { return m_ids[++m_here]; } ///< needs canGoForward()
    std::string current() const { return m_ids.empty() ? std::string() : m_ids[m_here]; }

private:
    static constexpr std::size_t longest = 500;
    std::vector<std::string> m_ids;
    std::size_t m_here = 0;
};

} // namespace apiary::widgets
