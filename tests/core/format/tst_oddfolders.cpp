// SPDX-License-Identifier: Apache-2.0
// Folders as they are found: PyTorch's files, other prefixes, heads that are stored twice, tensors of no use.
#include "core/format/exporter.h"
#include "core/format/openmodel.h"
#include "formatfixtures.h"

#include <QTest>

#include <algorithm>
#include <functional>

using namespace bitlathe;
using namespace bitlathe::format;
using namespace bitlathe::tests;

namespace fs = std::filesystem;

namespace
{

fs::path torchData()
{
    return fs::path(BITLATHE_SOURCE_DIR) / "tests/data/torch";
}

struct Copy
{
    std::string name; ///< Empty: left out.
    bool isChanged = false;
};

/// The little model with other names, and its config with other values; added: tensors with the final norm's bytes.
fs::path folderWith(const TempFolder& temp, const std::function<Copy(const std::string&)>& change, const Json& settings,
                    const std::vector<std::string>& added = {})
{
    const auto source = *checkpoint::Checkpoint::open(torchData() / "model-safetensors");
    std::vector<EncodedTensor> tensors;
    for (const auto& entry : source->entries()) {
        const auto view = source->view(entry);
        const Copy copy = change(entry.name);
        if (copy.name.empty()) {
            continue;
        }
        tensors.push_back({{copy.name, entry.dtype, entry.shape}, {view.bytes.begin(), view.bytes.end()}});
        if (copy.isChanged) {
            tensors.back().bytes.front() ^= std::byte{1};
        }
    }
    const auto norm = *source->tensor("model.norm.weight");
    for (const std::string& name : added) {
        tensors.push_back({{name, norm.dtype, norm.shape}, {norm.bytes.begin(), norm.bytes.end()}});
    }
    Json config = source->config();
    config.update(settings);
    writeFolder(temp / "model", tensors, config);
    return temp / "model";
}

std::vector<float> logitsOf(const fs::path& folder)
{
    const std::vector<model::TokenId> ids{1, 5, 17, 80, 3, 3, 42};
    const auto opened = openModel(folder);
    if (!opened) {
        qFatal("%s", opened.error().sentence().c_str());
    }
    const auto model = runnable(**opened, {});
    const auto hidden = model ? (*model)->forward(ids) : Result<model::Activations>(Failure(model.error()));
    if (!hidden) {
        qFatal("%s", hidden.error().sentence().c_str());
    }
    std::vector<float> logits(static_cast<std::size_t>(hidden->rows * (*opened)->spec.vocabulary));
    (*model)->logits(*hidden, 0, hidden->rows, logits);
    return logits;
}

QString findingsOf(const fs::path& folder)
{
    QStringList lines;
    const auto opened = openModel(folder);
    if (!opened) {
        return QString::fromStdString(opened.error().sentence());
    }
    for (const Finding& finding : (*opened)->findings) {
        lines.append(QString::fromStdString(finding.code + ": " + finding.subject + ": " + finding.message.english()));
    }
    return lines.join('\n');
}

Copy same(const std::string& name)
{
    return {name, false};
}

} // namespace

class TestOddFolders : public QObject
{
    Q_OBJECT

private slots:
    void filesOfPyTorchGiveTheSameLogits()
    {
        const auto expected = logitsOf(torchData() / "model-safetensors");
        QVERIFY(expected.size() == std::size_t{7 * 96});
        QVERIFY(std::ranges::any_of(expected, [](float value) { return value != 0.0F; }));
        QCOMPARE(logitsOf(torchData() / "model-bin"), expected);
        QCOMPARE(findingsOf(torchData() / "model-bin"), QString());
    }

    void filesOfPyTorchAreExportedAsSafetensors()
    {
        const TempFolder temp;
        const auto opened = *openModel(torchData() / "model-bin");
        ExportOptions options;
        options.out = temp / "out";
        const LinearSchemes none(opened->spec.linears.size());
        const auto exporter = Exporter::create(opened, **findFormat("dense"), none, options);
        BITLATHE_VERIFY_OK(exporter);
        for (const model::LinearSpec& linear : opened->spec.linears) {
            BITLATHE_VERIFY_OK((*exporter)->writeLinear(linear.id, nullptr));
        }
        BITLATHE_VERIFY_OK((*exporter)->writeOthers());
        BITLATHE_VERIFY_OK((*exporter)->finish({}));
        QVERIFY(fs::exists(temp / "out/model.safetensors"));
        QVERIFY(!fs::exists(temp / "out/pytorch_model.bin.index.json"));
        QCOMPARE(logitsOf(temp / "out"), logitsOf(torchData() / "model-safetensors"));
    }

    void prefixes_data()
    {
        QTest::addColumn<QString>("from");
        QTest::addColumn<QString>("to");
        QTest::addColumn<QString>("says");
        QTest::newRow("missing") << "model."
                                 << ""
                                 << "named as embed_tokens.weight, where";
        QTest::newRow("doubled") << "model."
                                 << "model.model."
                                 << "named as model.model.embed_tokens.weight, where";
        QTest::newRow("of a larger model") << "model."
                                           << "language_model.model."
                                           << "named as language_model.model.embed_tokens.weight, where";
        QTest::newRow("inside") << "model."
                                << "model.language_model."
                                << "named as model.language_model.embed_tokens.weight, where";
        QTest::newRow("around all") << ""
                                    << "language_model."
                                    << "named as language_model.model.embed_tokens.weight, where";
    }
    void prefixes()
    {
        QFETCH(QString, from);
        QFETCH(QString, to);
        QFETCH(QString, says);
        const TempFolder temp;
        const fs::path folder = folderWith(
            temp,
            [&](const std::string& name) {
                const bool has = name.starts_with(from.toStdString());
                return same(has ? to.toStdString() + name.substr(static_cast<std::size_t>(from.size())) : name);
            },
            Json::object());
        const QString findings = findingsOf(folder);
        QVERIFY2(findings.startsWith("other-prefix: ") && findings.contains(says), qPrintable(findings));
        QCOMPARE(findings.count('\n'), 0);
        QCOMPARE(logitsOf(folder), logitsOf(torchData() / "model-safetensors"));
    }

    void tiedHeadStoredTwice()
    {
        const auto headFromEmbedding = [](bool isChanged) {
            return [isChanged](const std::string& name) {
                return name == "model.embed_tokens.weight" ? Copy{"lm_head.weight", isChanged} : Copy{};
            };
        };
        // A model whose head is the embedding; then the same with the head stored, too.
        const TempFolder temp;
        const fs::path tied =
            folderWith(temp, [](const std::string& name) { return same(name == "lm_head.weight" ? "" : name); },
                       {{"tie_word_embeddings", true}});
        const auto expected = logitsOf(tied);
        QCOMPARE(findingsOf(tied), QString());
        for (const bool isChanged : {false, true}) {
            const TempFolder twice;
            const auto head =
                *checkpoint::Checkpoint::open(folderWith(twice, headFromEmbedding(isChanged), Json::object()));
            std::vector<EncodedTensor> tensors;
            for (const auto& source : {*checkpoint::Checkpoint::open(tied), head}) {
                for (const auto& entry : source->entries()) {
                    const auto bytes = source->view(entry).bytes;
                    tensors.push_back({{entry.name, entry.dtype, entry.shape}, {bytes.begin(), bytes.end()}});
                }
            }
            const TempFolder both;
            writeFolder(both / "model", tensors, (*openModel(tied))->checkpoint->config());
            const QString findings = findingsOf(both / "model");
            QVERIFY2(findings.startsWith(isChanged ? "tied-but-different: lm_head.weight: differs from "
                                                     "model.embed_tokens.weight, to which config.json ties it; the "
                                                     "head is lm_head.weight"
                                                   : "tied-stored-twice: lm_head.weight: holds the same as "
                                                     "model.embed_tokens.weight"),
                     qPrintable(findings));
            QCOMPARE(findings.count('\n'), 0);
            QCOMPARE(logitsOf(both / "model") == expected, !isChanged);
            QCOMPARE((*openModel(both / "model"))->spec.tiedHead, !isChanged);
        }
    }

    void onlyTheHeadIsStored()
    {
        const TempFolder temp;
        const fs::path folder = folderWith(temp,
                                           [](const std::string& name) {
                                               return same(name == "lm_head.weight"              ? ""
                                                           : name == "model.embed_tokens.weight" ? "lm_head.weight"
                                                                                                 : name);
                                           },
                                           {{"tie_word_embeddings", true}});
        QVERIFY2(findingsOf(folder).startsWith("only-head-stored: lm_head.weight: "), qPrintable(findingsOf(folder)));
        const TempFolder tied;
        QCOMPARE(logitsOf(folder),
                 logitsOf(folderWith(tied,
                                     [](const std::string& name) { return same(name == "lm_head.weight" ? "" : name); },
                                     {{"tie_word_embeddings", true}})));
    }

    void tensorsOfNoUse()
    {
        const TempFolder temp;
        const fs::path folder = folderWith(
            temp, same, Json::object(),
            {"model.layers.0.self_attn.rotary_emb.inv_freq", "model.layers.1.self_attn.rotary_emb.inv_freq"});
        QCOMPARE(findingsOf(folder),
                 QString("tensors-not-used: model.layers.0.self_attn.rotary_emb.inv_freq: the model does not read 2 "
                         "tensors, from model.layers.0.self_attn.rotary_emb.inv_freq to "
                         "model.layers.1.self_attn.rotary_emb.inv_freq; they travel along as they are"));
        QCOMPARE(logitsOf(folder), logitsOf(torchData() / "model-safetensors"));
    }

    void visionIsKept()
    {
        const auto opened = *openModel(fs::path(BITLATHE_SOURCE_DIR) / "tests/data/models/gemma3");
        QCOMPARE(opened->spec.linears.size(), std::size_t{14});
        std::vector<std::string> parts;
        for (const Finding& finding : opened->findings) {
            if (finding.code == "other-part") {
                parts.push_back(finding.subject);
            }
        }
        QCOMPARE(parts, (std::vector<std::string>{"multi_modal_projector", "vision_tower"}));

        const TempFolder temp;
        ExportOptions options;
        options.out = temp / "out";
        quant::Scheme scheme;
        scheme.bits = 8;
        scheme.groupSize = quant::kPerChannel;
        const LinearSchemes schemes(14, scheme);
        const Format& format = **findFormat("compressed-tensors");
        const auto exporter = Exporter::create(opened, format, schemes, options);
        BITLATHE_VERIFY_OK(exporter);
        for (const model::LinearSpec& linear : opened->spec.linears) {
            const auto tensor = randomTensor(*schemes[linear.id.index()], linear.outFeatures, linear.inFeatures, 3);
            BITLATHE_VERIFY_OK((*exporter)->writeLinear(linear.id, &tensor));
        }
        BITLATHE_VERIFY_OK((*exporter)->writeOthers());
        BITLATHE_VERIFY_OK((*exporter)->finish({}));
        const auto out = *checkpoint::Checkpoint::open(temp / "out");
        int kept = 0;
        for (const auto& entry : opened->checkpoint->entries()) {
            if (entry.name.starts_with("vision_tower.") || entry.name.starts_with("multi_modal_projector.")) {
                const auto copy = out->tensor(entry.name, entry.shape);
                BITLATHE_VERIFY_OK(copy);
                QVERIFY2(std::ranges::equal(copy->bytes, opened->checkpoint->view(entry).bytes), entry.name.c_str());
                ++kept;
            }
        }
        QCOMPARE(kept, 34);
        const Json& ignore = out->config().at("quantization_config").at("ignore");
        QVERIFY(std::ranges::find(ignore, Json("re:.*vision_tower.*")) != ignore.end());
        BITLATHE_VERIFY_OK(openModel(temp / "out"));
    }
};

QTEST_GUILESS_MAIN(TestOddFolders)
#include "tst_oddfolders.moc"
