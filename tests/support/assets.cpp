#include "support/assets.h"

namespace apiary::tests {

std::filesystem::path sourceFolder()
{
    return APIARY_SOURCE_DIR;
}

} // namespace apiary::tests
