// SPDX-License-Identifier: Apache-2.0
// Tests the wizard: tab order, back keeps input, bad values are told, text and form are one recipe.
#include "core/base/resources.h"
#include "tests/support/tempfolder.h"
#include "ui/bridge/latesttask.h"
#include "ui/theme/theme.h"
#include "ui/widgets/kvchoice.h"
#include "ui/wizard/estimatepanel.h"
#include "ui/wizard/questionsdialog.h"
#include "ui/wizard/wizardpage.h"
#include "ui/wizard/wizardstep.h"

#include <QAbstractSpinBox>
#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QRadioButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTableWidget>
#include <QTest>
#include <QUndoStack>

using namespace bitlathe;
using namespace bitlathe::ui;

namespace
{

constexpr int kWaitMs = 120'000;
enum Step { Model, Method, Calibration, Scheme, Format, Evaluate, Cost, Start };

} // namespace

class TestWizard : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void beingMadeEditsNothing();
    void everyFieldHasALabel();
    void tabReachesEveryField();
    void backKeepsInput();
    void eachMethodHasItsSettings();
    void aBadGroupSizeIsTold();
    void aPresetIsOneEdit();
    void aMissingTextIsTold();
    void typedQuestionsBecomeATextSet();
    void textAndFormAreOneRecipe();
    void aBadRecipeTextStays();
    void cachesToMeasureWithAreInTheRecipe();
    void theDeviceIsInTheRecipe();
    void protocolAndQuestionsAreInTheRecipe();
    void keysAndValuesWhereAFormatHoldsThem();
    void estimatesBeforeTheStart();
    void canNotStartWithoutAModel();

private:
    void openDemo();
    template <typename Field>
    Field* field(Step step, const char* name) const;

    std::unique_ptr<tests::TempFolder> m_folder;
    std::unique_ptr<Theme> m_theme;
    std::unique_ptr<Session> m_session;
    std::unique_ptr<WizardPage> m_page;
};

void TestWizard::init()
{
    m_folder = std::make_unique<tests::TempFolder>();
    qputenv("XDG_CACHE_HOME", QByteArray::fromStdString((*m_folder / "cache").string()));
    qputenv("XDG_DATA_HOME", QByteArray::fromStdString((*m_folder / "data").string()));
    m_theme = std::make_unique<Theme>();
    m_session = std::make_unique<Session>();
    m_page = std::make_unique<WizardPage>(*m_session);
    m_page->resize(1200, 800);
    m_page->show();
    QVERIFY(QTest::qWaitForWindowActive(m_page.get()));
}

void TestWizard::cleanup()
{
    m_page.reset();
    m_session.reset();
    QTRY_VERIFY_WITH_TIMEOUT(!LatestTask::anyRunning(), kWaitMs);
    m_theme.reset();
}

void TestWizard::openDemo()
{
    QSignalSpy opened(m_session.get(), &Session::modelOpened);
    m_session->openModel(fromPath(resource("demo/model").value()));
    QVERIFY(opened.wait(kWaitMs));
    plan::Recipe recipe = m_session->recipe();
    recipe.exportTo.out = *m_folder / "out";
    m_session->editRecipe(recipe, QStringLiteral("out"));
}

template <typename Field>
Field* TestWizard::field(Step step, const char* name) const
{
    for (Field* found : m_page->step(step)->findChildren<Field*>()) {
        if (found->accessibleName() == QLatin1String(name)) {
            return found;
        }
    }
    return nullptr;
}

void TestWizard::beingMadeEditsNothing()
{
    openDemo();
    plan::Recipe recipe = m_session->recipe();
    recipe.calibration.samples = {17, 300, 5};
    recipe.evaluation = {"text.txt", 100, 3};
    recipe.threads = 1;
    recipe.seed = 9;
    recipe.strict = true;
    recipe.scheme.actOrder = true;
    m_session->editRecipe(recipe, QStringLiteral("all fields"));
    const int steps = m_session->undoStack()->count();
    const WizardPage another(*m_session); // as after a change of language
    QVERIFY(m_session->recipe() == recipe);
    QCOMPARE(m_session->undoStack()->count(), steps);
}

void TestWizard::everyFieldHasALabel()
{
    openDemo();
    for (int i = 0; i < m_page->stepCount(); ++i) {
        for (const QWidget* widget : m_page->step(i)->findChildren<QWidget*>()) {
            const bool input = qobject_cast<const QAbstractSpinBox*>(widget) ||
                               qobject_cast<const QComboBox*>(widget) || qobject_cast<const QPlainTextEdit*>(widget) ||
                               (qobject_cast<const QLineEdit*>(widget) &&
                                !qobject_cast<const QAbstractSpinBox*>(widget->parentWidget()) &&
                                !qobject_cast<const QComboBox*>(widget->parentWidget()));
            if (input) {
                QVERIFY2(
                    !widget->accessibleName().isEmpty(),
                    qPrintable(
                        QStringLiteral("%1 on step %2").arg(QLatin1String(widget->metaObject()->className())).arg(i)));
            }
        }
    }
}

void TestWizard::tabReachesEveryField()
{
    openDemo();
    m_page->setCurrentStep(Evaluate);
    QSet<QWidget*> wanted;
    for (QWidget* widget : m_page->step(Evaluate)->findChildren<QWidget*>()) {
        if (widget->isVisible() && widget->isEnabled() && (widget->focusPolicy() & Qt::TabFocus) != 0 &&
            widget->focusProxy() == nullptr && !qobject_cast<QAbstractSpinBox*>(widget->parentWidget())) {
            wanted << widget;
        }
    }
    QVERIFY(wanted.size() >= 8);
    QWidget* first = field<QLineEdit>(Evaluate, "Text to measure with");
    QVERIFY(first != nullptr);
    first->setFocus();
    QList<QWidget*> order;
    for (int i = 0; i < 60; ++i) {
        order << QApplication::focusWidget();
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
        if (QApplication::focusWidget() == first) {
            break;
        }
    }
    for (QWidget* widget : wanted) {
        QVERIFY2(order.contains(widget),
                 qPrintable(widget->accessibleName() + QLatin1String(widget->metaObject()->className())));
    }
    // Top to bottom: a field is never reached before one that lies clearly above it.
    int lowest = -1;
    for (QWidget* widget : order) {
        if (wanted.contains(widget)) {
            const int y = widget->mapTo(m_page.get(), QPoint(0, 0)).y();
            QVERIFY2(y + 24 >= lowest, qPrintable(widget->accessibleName()));
            lowest = std::max(lowest, y);
        }
    }
}

void TestWizard::backKeepsInput()
{
    openDemo();
    m_page->setCurrentStep(Scheme);
    auto* group = field<QComboBox>(Scheme, "Group size, weights");
    QVERIFY(group != nullptr);
    group->lineEdit()->setFocus();
    group->lineEdit()->selectAll();
    QTest::keyClicks(group->lineEdit(), QStringLiteral("64"));
    QTest::keyClick(group->lineEdit(), Qt::Key_Return);
    QCOMPARE(m_session->recipe().scheme.groupSize, 64);
    m_page->setCurrentStep(Calibration);
    auto* samples = field<QSpinBox>(Calibration, "Samples");
    QVERIFY(samples != nullptr);
    samples->setValue(7);
    for (int i = Start; i >= Model; --i) {
        m_page->setCurrentStep(i);
    }
    m_page->setCurrentStep(Scheme);
    QCOMPARE(group->currentText(), QStringLiteral("64"));
    QCOMPARE(samples->value(), 7);
    QCOMPARE(m_session->recipe().calibration.samples.samples, 7);
    m_session->undoStack()->undo();
    m_session->undoStack()->undo();
    QCOMPARE(group->currentText(), QStringLiteral("128"));
}

void TestWizard::aPresetIsOneEdit()
{
    openDemo();
    m_page->setCurrentStep(Method);
    auto* presets = field<QComboBox>(Method, "Preset");
    QVERIFY(presets != nullptr);
    const plan::Recipe before = m_session->recipe();
    presets->setFocus();
    QTest::keyClick(presets, Qt::Key_End);
    QCOMPARE(m_session->recipe().method, std::string("nf4"));
    QVERIFY(m_session->recipe().options.bitsAndBytes.doubleQuant);
    QCOMPARE(m_session->recipe().exportTo.format, std::string("bitsandbytes"));
    plan::Recipe changed = m_session->recipe();
    changed.options.bitsAndBytes.doubleQuant = false;
    m_session->editRecipe(changed, {});
    QCOMPARE(presets->currentIndex(), 0); // One of nobody's.
    m_session->undoStack()->undo();
    QCOMPARE(presets->currentIndex(), presets->count() - 1);
    m_session->undoStack()->undo();
    QCOMPARE(m_session->recipe(), before);
}

void TestWizard::eachMethodHasItsSettings()
{
    openDemo();
    m_page->setCurrentStep(Method);
    const auto choose = [this](const char* method) {
        for (auto* button : m_page->step(Method)->findChildren<QRadioButton*>()) {
            if (button->objectName() == QLatin1String(method)) {
                button->click();
            }
        }
        QCOMPARE(m_session->recipe().method, std::string(method));
    };
    choose("gptq");
    auto* effort = field<QComboBox>(Method, "Effort");
    QVERIFY(effort != nullptr && effort->isVisible());
    QVERIFY(!field<QDoubleSpinBox>(Method, "Grid")->isVisible());
    effort->setCurrentIndex(2);
    Q_EMIT effort->activated(2);
    QVERIFY(m_session->recipe().options.gptq.effort == quant::Effort::Best);
    field<QDoubleSpinBox>(Method, "Damping")->setValue(0.05);
    QCOMPARE(m_session->recipe().options.gptq.damping, 0.05);
    m_session->undoStack()->undo();
    QCOMPARE(m_session->recipe().options.gptq.damping, 0.01);
    QCOMPARE(field<QDoubleSpinBox>(Method, "Damping")->value(), 0.01);
    QVERIFY(m_session->recipe().options.gptq.effort == quant::Effort::Best);

    choose("awq");
    QVERIFY(!effort->isVisible());
    field<QCheckBox>(Method, "Clip ranges")->click();
    QVERIFY(!m_session->recipe().options.awq.clip);
    QCOMPARE(m_session->recipe().scheme.bits, 4);

    choose("smoothquant"); // brings its own scheme
    QCOMPARE(m_session->recipe().scheme.bits, 8);
    QCOMPARE(m_session->recipe().scheme.activationBits, 8);
    auto* alpha = field<QDoubleSpinBox>(Method, "Alpha");
    QCOMPARE(alpha->text(), QStringLiteral("searched"));
    alpha->setValue(0.5);
    QCOMPARE(m_session->recipe().options.smoothQuant.alpha, std::optional(0.5));
    alpha->setValue(alpha->minimum());
    QVERIFY(!m_session->recipe().options.smoothQuant.alpha);
}

void TestWizard::aBadGroupSizeIsTold()
{
    openDemo();
    m_page->setCurrentStep(Scheme);
    auto* group = field<QComboBox>(Scheme, "Group size, weights");
    group->lineEdit()->setFocus();
    group->lineEdit()->selectAll();
    QTest::keyClicks(group->lineEdit(), QStringLiteral("seven"));
    QTest::keyClick(group->lineEdit(), Qt::Key_Return);
    QCOMPARE(m_session->recipe().scheme.groupSize, 128); // the last good one
    QVERIFY(!m_page->step(Scheme)->problem().isEmpty());
    QVERIFY(m_page->step(Scheme)->problem().contains(QStringLiteral("seven")));
    QCOMPARE(group->currentText(), QStringLiteral("seven")); // what was typed is not lost
    QVERIFY(!m_page->primaryAction()->isEnabled());
    m_page->setCurrentStep(Model);
    m_page->setCurrentStep(Scheme);
    QCOMPARE(group->currentText(), QStringLiteral("seven"));
}

void TestWizard::aMissingTextIsTold()
{
    openDemo();
    m_page->setCurrentStep(Calibration);
    auto* data = field<QLineEdit>(Calibration, "Text file or folder");
    QVERIFY(data != nullptr);
    data->setFocus();
    data->selectAll();
    QTest::keyClicks(data, QStringLiteral("/no/such/text.jsonl"));
    QTest::keyClick(data, Qt::Key_Return);
    QTRY_VERIFY_WITH_TIMEOUT(m_page->step(Calibration)->problem().contains(QStringLiteral("/no/such/text.jsonl")),
                             kWaitMs);
    QCOMPARE(data->text(), QStringLiteral("/no/such/text.jsonl"));
}

void TestWizard::typedQuestionsBecomeATextSet()
{
    openDemo();
    QPushButton* type = nullptr;
    for (auto* button : m_page->step(Calibration)->findChildren<QPushButton*>()) {
        type = button->text() == QStringLiteral("Type questions\u2026") ? button : type;
    }
    QVERIFY(type);
    type->click();
    auto* dialog = m_page->findChild<QuestionsDialog*>();
    QVERIFY(dialog);
    auto* table = dialog->findChild<QTableWidget*>();
    QCOMPARE(table->rowCount(), 1);
    QTRY_VERIFY_WITH_TIMEOUT(!LatestTask::anyRunning(), kWaitMs);
    QVERIFY2(dialog->file().endsWith(QLatin1String("/questions.jsonl")),
             qPrintable(dialog->file())); // Not the other text.
    table->item(0, 0)->setText(QStringLiteral("What is \"KV cache\"?"));
    table->item(0, 1)->setText(QStringLiteral("Keys and values\nof earlier tokens."));
    // A folder that is not there: the reason is shown, and nothing is lost.
    dialog->saveTo(fromPath(*m_folder / "nowhere" / "questions.jsonl"));
    QTRY_VERIFY_WITH_TIMEOUT(!LatestTask::anyRunning(), kWaitMs);
    QVERIFY(dialog->isVisible());
    bool told = false;
    for (const auto* label : dialog->findChildren<QLabel*>()) {
        told = told || (label->isVisible() && label->text().contains(QLatin1String("questions.jsonl")));
    }
    QVERIFY(told);
    const QString file = fromPath(*m_folder / "questions.jsonl");
    QSignalSpy accepted(dialog, &QDialog::accepted);
    dialog->saveTo(file);
    QVERIFY(accepted.wait(kWaitMs));
    QCOMPARE(QString::fromStdString(m_session->recipe().calibration.data), file);

    QuestionsDialog again(file);
    QTRY_COMPARE_WITH_TIMEOUT(again.questions().size(), 1, kWaitMs);
    QCOMPARE(again.file(), file);
    QCOMPARE(again.questions().front().first, QStringLiteral("What is \"KV cache\"?"));
    QCOMPARE(again.questions().front().second, QStringLiteral("Keys and values\nof earlier tokens."));
}

void TestWizard::textAndFormAreOneRecipe()
{
    openDemo();
    m_page->setCurrentStep(Start);
    auto* yaml = field<QPlainTextEdit>(Start, "Recipe");
    QVERIFY(yaml != nullptr);
    plan::Recipe recipe = m_session->recipe();
    recipe.scheme.bits = 8;
    m_session->editRecipe(recipe, QStringLiteral("bits"));
    QCOMPARE(yaml->toPlainText(), QString::fromStdString(plan::recipeToYaml(recipe)));
    recipe.scheme.bits = 3;
    yaml->setPlainText(QString::fromStdString(plan::recipeToYaml(recipe)));
    QTRY_COMPARE(m_session->recipe().scheme.bits, 3);
    auto* bits = field<QComboBox>(Scheme, "Bits per weight");
    QCOMPARE(bits->currentData().toInt(), 3);
    auto* command = field<QPlainTextEdit>(Start, "Command line");
    QVERIFY(command->toPlainText().contains(QStringLiteral("--bits 3")));
}

void TestWizard::aBadRecipeTextStays()
{
    openDemo();
    m_page->setCurrentStep(Start);
    auto* yaml = field<QPlainTextEdit>(Start, "Recipe");
    const plan::Recipe before = m_session->recipe();
    yaml->setPlainText(QStringLiteral("version: 1\nbits: many\n"));
    QTRY_VERIFY(!m_page->step(Start)->problem().isEmpty());
    QVERIFY(m_session->recipe() == before);
    QVERIFY(yaml->toPlainText().contains(QStringLiteral("many")));
    QVERIFY(!m_page->primaryAction()->isEnabled());
}

void TestWizard::cachesToMeasureWithAreInTheRecipe()
{
    openDemo();
    m_page->setCurrentStep(Evaluate);
    auto* choice = m_page->step(Evaluate)->findChild<KvChoice*>();
    QVERIFY(choice != nullptr);
    choice->menu()->findChild<QAction*>(QStringLiteral("int4-token-fit"))->trigger();
    QCOMPARE(m_session->recipe().evaluation.kv, *quant::findKvSchemes("int4-token-fit"));
    m_session->undoStack()->undo();
    QVERIFY(m_session->recipe().evaluation.kv.empty());
    QVERIFY(choice->schemes().empty());
}

void TestWizard::theDeviceIsInTheRecipe()
{
    openDemo();
    m_page->setCurrentStep(Cost);
    plan::Recipe recipe = m_session->recipe();
    QCOMPARE(recipe.device.name, std::string("cpu")); // Unless this machine has a GPU.
    auto* device = field<QComboBox>(Cost, "Device");
    auto* memory = field<QDoubleSpinBox>(Cost, "GPU memory");
    QVERIFY(device != nullptr && memory != nullptr);
    QVERIFY(!memory->isEnabled());
    QTRY_VERIFY(std::ranges::any_of(m_page->findChildren<FieldNote*>(), [](const FieldNote* note) {
        return note->text().contains(QStringLiteral("No GPU computes here"));
    }));
    device->setFocus();
    QTest::keyClick(device, Qt::Key_Down);
    QCOMPARE(m_session->recipe().device.name, std::string("auto"));
    QVERIFY(memory->isEnabled());
    memory->setValue(1.5);
    QCOMPARE(m_session->recipe().device.bytesMemory, (std::uint64_t{3} << 30) / 2);
    // What another machine has is shown, and what is shown rounded stays.
    recipe.device = {"cuda:3", 12'000'000'000};
    m_session->editRecipe(recipe, QStringLiteral("device"));
    QCOMPARE(device->currentData().toString(), QStringLiteral("cuda:3"));
    field<QSpinBox>(Cost, "Seed")->setValue(7);
    QCOMPARE(m_session->recipe().device.bytesMemory, std::uint64_t{12'000'000'000});
    QCOMPARE(m_session->recipe().device.name, std::string("cuda:3"));
}

void TestWizard::protocolAndQuestionsAreInTheRecipe()
{
    openDemo();
    m_page->setCurrentStep(Evaluate);
    const plan::Recipe before = m_session->recipe();
    const int steps = m_session->undoStack()->index();
    auto* protocol = field<QComboBox>(Evaluate, "Protocol");
    auto* stride = field<QSpinBox>(Evaluate, "Stride");
    auto* questions = field<QLineEdit>(Evaluate, "Choice questions");
    auto* rule = field<QComboBox>(Evaluate, "Answers are chosen");
    QVERIFY(protocol != nullptr && stride != nullptr && questions != nullptr && rule != nullptr);
    QVERIFY(!stride->isVisibleTo(m_page.get()));
    QVERIFY(!rule->isVisibleTo(m_page.get()));
    protocol->setFocus();
    QTest::keyClicks(protocol, QStringLiteral("s"));
    QCOMPARE(m_session->recipe().evaluation.protocol, evaluate::ProtocolKind::Strided);
    QVERIFY(stride->isVisibleTo(m_page.get()));
    stride->setValue(256);
    QCOMPARE(m_session->recipe().evaluation.stride, std::int64_t{256});
    questions->setText(QStringLiteral("/tmp/questions.jsonl"));
    QVERIFY(rule->isVisibleTo(m_page.get()));
    QTest::keyClick(questions, Qt::Key_Return);
    QCOMPARE(m_session->recipe().evaluation.choice.data, std::filesystem::path("/tmp/questions.jsonl"));
    QTest::keyClick(rule, Qt::Key_Down);
    QCOMPARE(m_session->recipe().evaluation.choice.rules, std::vector{evaluate::ChoiceRule::Text});
    auto* prompts = field<QLineEdit>(Evaluate, "Prompts");
    auto* newTokens = field<QSpinBox>(Evaluate, "Tokens to write");
    QVERIFY(prompts != nullptr && newTokens != nullptr && !newTokens->isVisibleTo(m_page.get()));
    prompts->setText(QStringLiteral("/tmp/prompts.txt"));
    QTest::keyClick(prompts, Qt::Key_Return);
    newTokens->setValue(32);
    const evaluate::GenerationCheckOptions written{.data = "/tmp/prompts.txt", .newTokens = 32};
    QVERIFY(m_session->recipe().evaluation.generation == written);
    const auto again = plan::recipeFromYaml(plan::recipeToYaml(m_session->recipe()), "recipe");
    QVERIFY(again.has_value());
    QVERIFY(*again == m_session->recipe());
    QVERIFY(m_session->undoStack()->index() > steps);
    m_session->undoStack()->setIndex(steps);
    QVERIFY(m_session->recipe() == before);
    QVERIFY(!stride->isVisibleTo(m_page.get()));
    QVERIFY(questions->text().isEmpty());
    QVERIFY(prompts->text().isEmpty() && !newTokens->isVisibleTo(m_page.get()));
}

/// The box of grids of keys and values is there for formats that hold some, and its tick does not outlive them.
void TestWizard::keysAndValuesWhereAFormatHoldsThem()
{
    openDemo();
    m_page->setCurrentStep(Format);
    auto* box = m_page->step(Format)->findChild<QCheckBox*>(QStringLiteral("kvParams"));
    QVERIFY(box != nullptr);
    const auto choose = [this](const char* format) {
        m_page->step(Format)->findChild<QRadioButton*>(QString::fromLatin1(format))->click();
    };
    choose("compressed-tensors");
    QVERIFY(box->isVisibleTo(m_page.get()));
    QVERIFY(box->toolTip().contains(QStringLiteral("fp8")));
    box->click();
    QCOMPARE(m_session->recipe().exportTo.kvParams, std::filesystem::path("auto"));
    choose("turbomind");
    QVERIFY(box->isChecked());
    QVERIFY(box->toolTip().contains(QStringLiteral("past_kv_scale")));
    choose("gptq");
    QVERIFY(!box->isVisibleTo(m_page.get()));
    QVERIFY(m_session->recipe().exportTo.kvParams.empty());
    m_session->undoStack()->undo();
    QVERIFY(box->isChecked());
}

void TestWizard::estimatesBeforeTheStart()
{
    openDemo();
    const auto* panel = m_page->findChild<EstimatePanel*>();
    QTRY_VERIFY_WITH_TIMEOUT(panel->isReady(), kWaitMs);
    QVERIFY(panel->problem().isEmpty());
    QTRY_VERIFY_WITH_TIMEOUT(m_page->primaryAction()->isEnabled(), kWaitMs);
}

void TestWizard::canNotStartWithoutAModel()
{
    QVERIFY(!m_page->primaryAction()->isEnabled());
    QVERIFY(!m_page->step(Model)->problem().isEmpty());
}

QTEST_MAIN(TestWizard)
#include "tst_wizard.moc"
