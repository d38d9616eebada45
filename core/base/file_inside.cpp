#include "base/file_inside.h"

#include "base/error.h"

#include <algorithm>
#include <system_error>

namespace apiary {

namespace {

namespace fs = std::filesystem;

} // namespace

fs::path fileInside(const fs::path &folder, const fs::path &relative)
{
    const fs::path path = folder / relative;
    std::error_code error;
    const fs::path root = fs::weakly_canonical(folder, error);
    const fs::path real = fs::weakly_canonical(path, error);
    if (error)
        return path; // opening it will say what is wrong
    const auto isBelow = [&](const fs::path &above) {
        return std::mismatch(above.begin(), above.end(), real.begin(), real.end()).first == above.end();
    };
    // …/models--NAME/snapshots/REVISION/file → …/models--NAME/blobs/HASH
    const bool isSnapshot = root.parent_path().filename() == "snapshots";
    if (isBelow(root) || (isSnapshot && isBelow(root.parent_path().parent_path() / "blobs")))
        return path;
    throw InputError("this is a link that leads out of the encoder's folder, to " + real.string(), path.string(),
                     "put the file itself in its place");
}

} // namespace apiary
