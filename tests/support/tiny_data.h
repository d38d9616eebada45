#pragma once

#include <array>
#include <filesystem>
#include <fstream>
#include <string>

namespace apiary::tests {

/// A made-up catalogue and made-up readers, small enough that a training takes a second: 4 topics with 15 items each,
/// whose texts repeat their topic's words; every user reads items of one topic, and one of another.
struct TinyData {
    std::filesystem::path interactions;
    std::filesystem::path items;
};

inline TinyData writeTinyData(const std::filesystem::path &folder, int users = 80)
{
    constexpr int topics = 4, itemsATopic = 15;
    static constexpr std::array<std::array<const char *, 5>, topics> words{
        {{"bee", "honey", "hive", "flower", "wing"},
         {"ship", "sea", "storm", "sail", "harbour"},
         {"star", "moon", "orbit", "comet", "night"},
         {"bread", "oven", "flour", "salt", "crust"}}};
    std::filesystem::create_directories(folder);
    const TinyData data{folder / "interactions.csv", folder / "items.csv"};
    std::ofstream items(data.items);
    items << "item_id,title,text\n";
    for (int i = 0; i < topics * itemsATopic; ++i) {
        const auto &topic = words[static_cast<std::size_t>(i % topics)];
        const auto word = [&](int k) { return topic[static_cast<std::size_t>((i / topics + k) % 5)]; };
        items << "i" << i << ",\"" << word(0) << ", number " << i << "\",a " << word(0) << " and the " << word(1)
              << " of " << word(2) << " " << i << "\n";
    }
    std::ofstream interactions(data.interactions);
    interactions << "user_id,item_id,rating\n";
    unsigned state = 12345;
    const auto next = [&state](int bound) {
        state = state * 1103515245U + 12345U;
        return static_cast<int>((state >> 16) % static_cast<unsigned>(bound));
    };
    for (int user = 0; user < users; ++user) {
        const int topic = user % topics;
        std::array<bool, topics * itemsATopic> read{};
        for (int n = 0; n < 9; ++n)
            read[static_cast<std::size_t>(next(itemsATopic) * topics + topic)] = true;
        read[static_cast<std::size_t>(next(topics * itemsATopic))] = true;
        for (std::size_t item = 0; item < read.size(); ++item)
            if (read[item])
                interactions << "u" << user << ",i" << item << "," << 4 + next(2) << "\n";
        interactions << "u" << user << ",i" << next(topics * itemsATopic) << ",2\n";
    }
    return data;
}

/// A RunSpec of a tiny training, as JSON text.
inline std::string tinySpec(const TinyData &data, const std::filesystem::path &encoder,
                            const std::string &training = {})
{
    return "{\n  \"name\": \"tiny\",\n  \"dataset\": {\"name\": \"tiny\", \"interactions\": \"" +
           data.interactions.string() + "\", \"items\": \"" + data.items.string() +
           "\",\n    \"ratingColumn\": \"rating\", \"textTemplate\": \"{text}\"},\n  \"filter\": "
           "{\"minUserInteractions\": 2},\n  \"encoder\": {\"folder\": \"" +
           encoder.string() + "\"},\n  \"training\": {" +
           (training.empty() ? "\"usersPerStep\": 32, \"epochs\": 2, \"learningRate\": 0.001, \"evaluateEvery\": 2"
                             : training) +
           "},\n  \"evaluation\": {\"bootstrapResamples\": 200},\n  \"device\": \"cpu\",\n  \"threads\": 1\n}\n";
}

} // namespace apiary::tests
