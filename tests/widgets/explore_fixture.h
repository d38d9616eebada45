#pragma once

#include "base/random.h"
#include "widgets/explore/explore_view.h"

#include <QTest>

#include <memory>

namespace apiary::tests {

using namespace apiary::widgets;

inline constexpr int itemCount = 60;
inline constexpr int userCount = 80;

inline explore::Embeddings randomEmbeddings(std::uint64_t key)
{
    CounterRng random(key);
    explore::Embeddings made(itemCount, 6);
    for (auto &value : made.reshaped())
        value = static_cast<float>(random.uniform() - 0.3);
    return made;
}

inline std::shared_ptr<const run::ExploreEncoder>
makeEncoder(const run::ExploreSession &session, const std::string &name, run::EncoderRole role, std::uint64_t key)
{
    auto encoder = std::make_shared<run::ExploreEncoder>();
    encoder->name = name;
    encoder->role = role;
    encoder->index = std::make_unique<explore::SemanticIndex>(randomEmbeddings(key));
    encoder->overlap = explore::overlapByRole(*encoder->index, *session.interactions, session.split, 10, 1);
    return encoder;
}

/// Sixty items "Film 00" … with random embeddings and interactions; roles go round.
inline std::shared_ptr<run::ExploreSession> makeSession(bool tuned, std::int64_t runId = 1)
{
    auto session = std::make_shared<run::ExploreSession>();
    session->run = runId;
    auto &catalog = session->dataset.catalog;
    for (int item = 0; item < itemCount; ++item) {
        const std::string number = (item < 10 ? "0" : "") + std::to_string(item);
        catalog.ids.push_back("id" + number);
        catalog.titles.push_back(item == 7 ? "Quoted, \"seven\"" : "Film " + number);
        catalog.texts.push_back(catalog.titles.back() + " (1995). A story about number " + number + ".");
        catalog.fields["year"].push_back("1995");
        catalog.fields["genre"].push_back(item % 2 ? "Drama" : "Comedy");
        session->split.roles.push_back(static_cast<data::ItemRole>(item % 3));
    }
    CounterRng random(5);
    Csr csr;
    csr.cols = itemCount;
    for (int user = 0; user < userCount; ++user) {
        std::vector<std::int32_t> row;
        for (std::int32_t item = 0; item < itemCount - 1; ++item) // nobody knows the last item
            if (random.below(100) < static_cast<std::uint64_t>(item == 3 ? 90 : 15))
                row.push_back(item);
        csr.addRow(row);
    }
    session->dataset.interactions.csr = csr;
    session->dataset.interactions.items = catalog.ids;
    session->interactions = std::make_unique<explore::InteractionIndex>(csr);
    session->encoders.push_back(makeEncoder(*session, "tiny-encoder", run::EncoderRole::Base, 1));
    if (tuned)
        session->encoders.push_back(makeEncoder(*session, "run one", run::EncoderRole::Tuned, 2));
    return session;
}

/// The three columns of a session with their encoders.
inline ExploreColumns columnsOf(const run::ExploreSession &session)
{
    auto columns = parseChoice({}).columns;
    columns[0].encoder = session.encoder(run::EncoderRole::Base);
    columns[1].encoder = session.encoder(run::EncoderRole::Tuned);
    return columns;
}

/// A column of a further encoder, ready.
inline ExploreColumn further(const run::ExploreSession &session, int number)
{
    ExploreColumn column;
    column.key = "folder:/models/" + std::to_string(number);
    column.name = QStringLiteral("model %1").arg(number);
    column.colour = number;
    column.encoder = makeEncoder(session, column.name.toStdString(), run::EncoderRole::Other,
                                 static_cast<std::uint64_t>(10 + number));
    return column;
}

inline std::unique_ptr<ExploreView> makeView(bool tuned = true)
{
    auto view = std::make_unique<ExploreView>();
    view->resize(1200, 700);
    view->setSession(makeSession(tuned));
    view->show();
    view->activateWindow();
    [[maybe_unused]] const bool active = QTest::qWaitForWindowActive(view.get());
    return view;
}

} // namespace apiary::tests

/// Until the item's lists are shown, and rows stand where they will.
#define WAIT_FOR_ITEM(view, wanted)                                                                                    \
    QTRY_VERIFY((view)->shown() && (view)->shown()->item == (wanted));                                                 \
    QCoreApplication::processEvents()
