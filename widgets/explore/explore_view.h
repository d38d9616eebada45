#pragma once

#include "widgets/explore/column_strip.h"
#include "widgets/explore/visit_history.h"

#include <QWidget>

#include <map>
#include <memory>

class QComboBox;
class QLineEdit;
class QToolButton;

namespace apiary::widgets {

class ItemCard;
class ItemSearchModel;
class OverlapPanel;
class TaskRunner;

/// Explore over one loaded session: search, the item's card, columns of neighbours joined by lines, history. Knows no
/// project: it says which further encoders it wants and is handed them. GUI thread; neighbours are computed in a task.
class ExploreView : public QWidget {
    Q_OBJECT
public:
    explicit ExploreView(QWidget *parent = nullptr);
    ~ExploreView() override;

    /// Stays at the item in view where the new session has it; else shows the most popular item. Asks for the encoders of
    /// further columns anew.
    void setSession(std::shared_ptr<const run::ExploreSession> session);
    const run::ExploreSession *session() const { return m_session.get(); }
    /// Says in the tuned column why it is empty.
    void setTunedHint(const QString &text);
    /// How the base encoder is called, where the session's own name says too little.
    void setBaseName(const QString &name);

    /// Which columns, in which order, and what moves are counted against. Encoders need not be there yet.
    void setChoice(const ColumnChoice &choice);
    const ColumnChoice &choice() const { return m_choice; }
    void addColumn(ExploreColumn column); ///< before the interactions; nothing where it stands already
    void removeColumn(const std::string &key);
    void moveColumn(const std::string &key, int place);
    /// What became of an encoder that was wanted. Nothing where its column has gone.
    void setEncoder(const std::string &key, std::shared_ptr<const run::ExploreEncoder> encoder);
    void setEncoderProgress(const std::string &key, const QString &text, double share);
    void setEncoderFailure(const std::string &key, const QString &text);

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
    QComboBox *referenceBox() const { return m_reference; }
    /// The button that chooses columns; its menu is the page's to make.
    QToolButton *columnsButton() const { return m_columnsButton; }
    ColumnStrip *strip() const { return m_strip; }
    NeighbourColumn *column(const std::string &key) const { return m_strip->find(key); }
    NeighbourView *list(const std::string &key) const; ///< null where there is no such column
    ItemCard *itemCard() const { return m_card; }
    ItemCard *pointedCard() const { return m_other; }
    OverlapPanel *overlaps() const { return m_overlap; }
    void copyCsv() const; ///< the lists, to the clipboard

Q_SIGNALS:
    void itemShown(int item);
    void choiceChanged();
    void encoderWanted(const apiary::widgets::ExploreColumn &column);
    void encoderDropped(const QString &key); ///< not wanted any more

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    QWidget *makeHeader();
    QWidget *makeSearchRow();
    QWidget *makeLegend();
    void makeShortcuts();
    void makeSearch();
    void connectColumn(NeighbourColumn *column);
    void chooseFound(int row);
    void visit(std::int32_t item);
    void revisit(const std::string &id);
    void lookUp();
    void showNeighbourhood(std::shared_ptr<const Neighbourhood> neighbourhood);
    void moveBetween(const std::string &key, int by);
    void updateButtons();

    void takeOwnEncoders();
    void wantEncoders();
    void changeColumns(); ///< m_choice has changed: shows it and tells
    void arrange();
    void showColumns(); ///< what each column holds, as far as it is known
    void showColumn(NeighbourColumn *column, const ExploreColumn *left);
    QString noteOf(const ExploreColumn &column) const;

    std::shared_ptr<const run::ExploreSession> m_session;
    std::shared_ptr<const Neighbourhood> m_shown;
    ColumnChoice m_choice = parseChoice({});
    std::map<std::string, QString> m_failures; ///< of encoders, by key
    std::map<std::string, std::pair<QString, double>> m_progress;
    QString m_tunedHint;
    QString m_baseName;
    std::int32_t m_item = -1;
    std::int32_t m_pointed = -1;
    VisitHistory m_history;
    TaskRunner *m_task;
    ItemSearchModel *m_found;
    QLineEdit *m_search = nullptr;
    QComboBox *m_length = nullptr;
    QComboBox *m_reference = nullptr;
    QToolButton *m_back = nullptr;
    QToolButton *m_forward = nullptr;
    QToolButton *m_columnsButton = nullptr;
    OverlapPanel *m_overlap = nullptr;
    ItemCard *m_card = nullptr;
    ItemCard *m_other = nullptr;
    ColumnStrip *m_strip;
};

} // namespace apiary::widgets
