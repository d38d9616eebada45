#pragma once

#include "hub/hub_client.h"
#include "hub/library.h"
#include "widgets/encoders/encoder_list_model.h"
#include "widgets/shell/page.h"

#include <functional>
#include <memory>
#include <stop_token>

class QLabel;
class QProgressBar;
class QSplitter;
class QStackedWidget;
class QTableView;
class QToolButton;

namespace apiary::widgets {

class EncoderCardView;
class EncoderSettings;
class GetPanel;
class TaskRunner;

/// The encoders of this machine: what each is, and where more come from.
class EncodersPage : public Page {
    Q_OBJECT
public:
    explicit EncodersPage(QWidget *parent = nullptr);
    ~EncodersPage() override; ///< deletes for good what was removed

    QTableView *list() const { return m_list; }
    EncoderListModel *model() const { return m_model; }
    EncoderCardView *card() const { return m_card; }
    GetPanel *getPanel() const { return m_get; }
    EncoderSettings *settings() const { return m_settings; }
    bool getShown() const;
    bool fetching() const;
    QString fetchText() const; ///< what is said of the fetch that goes on

    void refresh(const std::filesystem::path &select = {});
    void showGet(bool shown);
    void install(const QString &packagedName);
    void download(const hub::Hub &hub, const hub::HubRepository &repository);
    void cancelFetch();
    void addFolder(const std::filesystem::path &folder);
    void removeSelected();
    QWidget *firstFocus() const override;

Q_SIGNALS:
    void useRequested(const QString &folder); ///< as the encoder of the Train page

protected:
    void showEvent(QShowEvent *event) override;

private:
    using Fetch = std::function<void(const ProgressFn &, std::stop_token)>;
    QWidget *makeList();
    QWidget *makeFetchStrip();
    void fetch(const QString &name, const std::filesystem::path &target, Fetch work);
    void present();
    void updateEmpty(); ///< the empty state, and what stands beside it
    const ListedEncoder *selected() const;
    void showProgress(const Progress &progress);
    void removed(const QString &text, std::function<void()> undo);

    TaskRunner *m_listing;
    TaskRunner *m_fetching;
    std::stop_source m_stop{std::nostopstate}; ///< of the fetch
    bool m_cancelled = false;
    QString m_fetchName;
    EncoderListModel *m_model;
    QTableView *m_list = nullptr;
    QStackedWidget *m_place = nullptr; ///< of the list, or of the empty state
    QToolButton *m_getButton = nullptr;
    QStackedWidget *m_right = nullptr;
    EncoderCardView *m_card = nullptr;
    GetPanel *m_get = nullptr;
    EncoderSettings *m_settings = nullptr;
    QWidget *m_strip = nullptr;
    QLabel *m_stage = nullptr;
    QLabel *m_amount = nullptr;
    QProgressBar *m_bar = nullptr;
    QToolButton *m_cancel = nullptr;
    std::function<void()> m_undo;
    bool m_listed = false;
};

} // namespace apiary::widgets
