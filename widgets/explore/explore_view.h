#pragma once

#include "widgets/explore/neighbour_view.h"
#include "widgets/explore/visit_history.h"

#include <QWidget>

#include <array>
#include <memory>

class QComboBox;
class QLabel;
class QLineEdit;
class QStackedWidget;
class QToolButton;

namespace apiary::widgets {

class ItemCard;
class ItemSearchModel;
class JoinGutter;
class OverlapPanel;
class TaskRunner;

/// Explore over one loaded session: search, the item's card, three lists of neighbours joined by lines, history. Knows
/// no project. GUI thread; neighbours are computed in a task.
class ExploreView : public QWidget {
    Q_OBJECT
public:
    explicit ExploreView(QWidget *parent = nullptr);
    ~ExploreView() override;

    /// Stays at the item in view where the new session has it; else shows the most popular item.
    void setSession(std::shared_ptr<const run::ExploreSession> session);
    const run::ExploreSession *session() const { return m_session.get(); }
    /// Says in the tuned column why it is empty.
    void setTunedHint(const QString &text);

    void goTo(std::int32_t item); ///< and remembers the visit
    void goBack();
    void goForward();
    std::int32_t currentItem() const { return m_item; }
    /// What is shown; null until it is there.
    const Neighbourhood *shown() const { return m_shown.get(); }
    void setPointed(std::int32_t item); ///< highlights it everywhere; -1 for none
    std::int32_t pointed() const { return m_pointed; }

    QLineEdit *searchField() const { return m_search; }
    QComboBox *lengthBox() const { return m_length; }
    NeighbourView *list(NeighbourList list) const { return m_views[at(list)]; }
    JoinGutter *gutter(int index) const { return m_gutters[static_cast<std::size_t>(index)]; }
    ItemCard *itemCard() const { return m_card; }
    ItemCard *pointedCard() const { return m_other; }
    OverlapPanel *overlaps() const { return m_overlap; }
    void copyCsv() const; ///< the three lists, to the clipboard

Q_SIGNALS:
    void itemShown(int item);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    QWidget *makeHeader();
    QWidget *makeSearchRow();
    QWidget *makeLegend() const;
    QWidget *makeColumn(NeighbourList list);
    QWidget *makeColumns();
    void makeShortcuts();
    void makeSearch();
    void chooseFound(int row);
    void visit(std::int32_t item);
    void revisit(const std::string &id);
    void lookUp();
    void showNeighbourhood(std::shared_ptr<const Neighbourhood> neighbourhood);
    void moveBetween(int column, int by);
    void updateButtons();
    void nameColumns();

    std::shared_ptr<const run::ExploreSession> m_session;
    std::shared_ptr<const Neighbourhood> m_shown;
    std::int32_t m_item = -1;
    std::int32_t m_pointed = -1;
    VisitHistory m_history;
    TaskRunner *m_task;
    ItemSearchModel *m_found;
    QLineEdit *m_search = nullptr;
    QComboBox *m_length = nullptr;
    QToolButton *m_back = nullptr;
    QToolButton *m_forward = nullptr;
    OverlapPanel *m_overlap = nullptr;
    ItemCard *m_card = nullptr;
    ItemCard *m_other = nullptr;
    std::array<NeighbourModel *, neighbourLists> m_models{};
    std::array<NeighbourView *, neighbourLists> m_views{};
    std::array<QStackedWidget *, neighbourLists> m_stacks{};
    std::array<QLabel *, neighbourLists> m_hints{};
    std::array<QLabel *, neighbourLists> m_sources{};
    std::array<JoinGutter *, neighbourLists - 1> m_gutters{};
};

} // namespace apiary::widgets
