#include "text/word_level.h"

#include "base/error.h"

#include <algorithm>

namespace apiary::text {

WordLevel::WordLevel(const std::vector<TokenEntry> &tokens, const std::string &unknown, const std::string &where)
{
    for (const TokenEntry &token : tokens) {
        if (token.id < 0 || !m_vocabulary.add(token.text, token.id))
            throw InputError("the token \"" + token.text + "\" comes twice or has a negative id", where,
                             "get the encoder's files again");
        m_maxId = std::max(m_maxId, token.id);
    }
    m_unknownId = m_vocabulary.find(unknown);
    if (m_unknownId < 0)
        throw InputError("the unknown token \"" + unknown + "\" is not in the vocabulary", where,
                         "name a token of the vocabulary as unk_token");
}

} // namespace apiary::text
