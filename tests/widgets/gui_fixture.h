#pragma once

#include "base/random.h"
#include "run/run_spec.h"
#include "support/assets.h"

#include <QString>
#include <QTemporaryDir>
#include <QVector>
#include <filesystem>
#include <fstream>
#include <set>

namespace apiary::tests {

/// A project folder, a synthetic dataset of two tastes, and settings that train a two-layer encoder on it in seconds.
class GuiFixture {
public:
    GuiFixture()
    {
        const std::filesystem::path folder = m_folder.path().toStdString();
        std::ofstream items(folder / "items.csv");
        items << "item_id,title,genre\n";
        for (int i = 0; i < itemCount; ++i)
            items << 'i' << i << ",Film number " << i << ',' << (i % 2 == 0 ? "comedy drama" : "war thriller") << '\n';
        std::ofstream interactions(folder / "interactions.csv");
        interactions << "user_id,item_id,rating\n";
        CounterRng rng(7);
        for (int user = 0; user < userCount; ++user) {
            std::set<int> chosen;
            while (chosen.size() < 16)
                chosen.insert(static_cast<int>(rng.below(itemCount / 2)) * 2 +
                              (rng.below(8) == 0 ? 1 - user % 2 : user % 2));
            for (const int item : chosen)
                interactions << 'u' << user << ",i" << item << ",5\n";
        }
    }

    std::filesystem::path project() const { return std::filesystem::path(m_folder.path().toStdString()) / "project"; }
    std::filesystem::path folder() const { return m_folder.path().toStdString(); }

    run::RunSpec spec(int steps = 6) const
    {
        run::RunSpec spec;
        spec.name = "two tastes";
        spec.dataset.name = "synthetic";
        spec.dataset.interactions = folder() / "interactions.csv";
        spec.dataset.items = folder() / "items.csv";
        spec.dataset.ratingColumn = "rating";
        spec.dataset.textTemplate = "{title}. {genre}";
        spec.encoder.folder = golden() / "tiny-bert";
        spec.training.usersPerStep = 32;
        spec.training.itemsPerStep = 60;
        spec.training.epochs = 100000;
        spec.training.maxSteps = steps;
        spec.training.patience = 0;
        spec.training.learningRate = 1e-4;
        spec.evaluation.bootstrapResamples = 200;
        spec.threads = 1;
        return spec;
    }

private:
    static constexpr int itemCount = 120;
    static constexpr int userCount = 96;
    QTemporaryDir m_folder;
};

} // namespace apiary::tests
