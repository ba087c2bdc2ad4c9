// SPDX-License-Identifier: Apache-2.0
// Chat templates of folders: where they are found, and the conversations of published formats.
#include "core/text/chattemplate.h"

#include "core/base/file.h"
#include "support/tempfolder.h"

using namespace bitlathe;
using namespace bitlathe::text;

namespace
{

void write(const std::filesystem::path& file, const std::string& content)
{
    BITLATHE_VERIFY_OK(writeFileAtomically(file, content));
}

class TestChatTemplate : public QObject
{
    Q_OBJECT

private slots:
    void publishedFormats();
    void findsTheTemplate();
    void chatMlOfQwen();
    void namedTemplates();
    void brokenFolders_data();
    void brokenFolders();
    void thoughtsAndMissingValues();
    void conversationsOfRows();
};

void TestChatTemplate::publishedFormats()
{
    BITLATHE_NEED_SHARED();
    const std::filesystem::path file = tests::sharedFolder() / "golden/chat-templates.json";
    const auto golden = readJson(file);
    BITLATHE_VERIFY_OK(golden);
    int compared = 0;
    for (const auto& [name, format] : golden->at("templates").items()) {
        const auto parsed =
            ChatTemplate::parse(format.at("template").get<std::string>(), name,
                                {{"bos_token", format.at("bos_token")}, {"eos_token", format.at("eos_token")}});
        BITLATHE_VERIFY_OK(parsed);
        for (const Json& one : format.at("cases")) {
            ChatOptions options;
            options.addGenerationPrompt = one.at("add_generation_prompt").get<bool>();
            options.tools = one.value("tools", Json(nullptr));
            const auto text = parsed->render(one.at("messages"), options);
            ++compared;
            if (one.contains("error")) {
                QVERIFY2(!text, (name + one.dump()).c_str());
                QVERIFY2(text.error().found.english().find(one.at("error").get<std::string>()) != std::string::npos,
                         text.error().sentence().c_str());
                continue;
            }
            BITLATHE_VERIFY_OK(text);
            QCOMPARE(QString::fromStdString(*text), QString::fromStdString(one.at("text").get<std::string>()));
        }
    }
    QVERIFY(compared > 50);
}

void TestChatTemplate::findsTheTemplate()
{
    const tests::TempFolder folder;
    QVERIFY(!findChatTemplate(folder.path()).value());
    QCOMPARE(openChatTemplate(folder.path()).error().code, ErrorCode::FileMissing);
    const Json question = conversation("Hi", "");
    write(folder / "tokenizer_config.json",
          R"({"bos_token": {"content": "<s>"}, "chat_template": "{{ bos_token }}config {{ messages[0].content }}"})");
    QCOMPARE(openChatTemplate(folder.path()).value().render(question).value(), "<s>config Hi");
    write(folder / "chat_template.json", R"({"chat_template": "{{ bos_token }}json"})");
    QCOMPARE(openChatTemplate(folder.path()).value().render(question).value(), "<s>json");
    write(folder / "chat_template.jinja", "{{ eos_token }}file\n");
    write(folder / "special_tokens_map.json", R"({"eos_token": "</s>", "bos_token": "other"})");
    QCOMPARE(openChatTemplate(folder.path()).value().render(question).value(), "</s>file");
}

/// The texts that Qwen's own code makes of a question, and of one that goes on; base models speak no such format.
void TestChatTemplate::chatMlOfQwen()
{
    const tests::TempFolder folder;
    write(folder / "qwen.tiktoken", "");
    write(folder / "tokenizer_config.json", R"({"tokenizer_class": "QWenTokenizer"})");
    write(folder / "generation_config.json", R"({"chat_format": "raw", "eos_token_id": 151643})");
    QVERIFY(!findChatTemplate(folder.path()).value());
    write(folder / "generation_config.json", R"({"chat_format": "chatml", "eos_token_id": 151643})");
    const auto chat = openChatTemplate(folder.path());
    BITLATHE_VERIFY_OK(chat);
    QCOMPARE(chat->file(), (folder / "generation_config.json").string());
    const ChatOptions asks{.tools = nullptr, .addGenerationPrompt = true, .extra = Json::object(), .clock = {}};
    QCOMPARE(chat->render(conversation("Hi", ""), asks).value(),
             "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n"
             "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n");
    Json longer = conversation("Hi", "Be brief.");
    longer.push_back({{"role", "assistant"}, {"content", "Yes?"}});
    longer.push_back({{"role", "user"}, {"content", "Go on"}});
    QCOMPARE(chat->render(longer, asks).value(),
             "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n"
             "<|im_start|>assistant\nYes?<|im_end|>\n<|im_start|>user\nGo on<|im_end|>\n<|im_start|>assistant\n");
    write(folder / "generation_config.json", R"({"chat_format": 1})");
    QCOMPARE(findChatTemplate(folder.path()).error().code, ErrorCode::ConfigInvalid);
}

void TestChatTemplate::namedTemplates()
{
    const tests::TempFolder folder;
    write(folder / "tokenizer_config.json", R"({"chat_template": [{"name": "default", "template": "plain"},
        {"name": "tool_use", "template": "{{ tools[0].name }}"}, {"name": "rag", "template": "{% include 'x' %}"}]})");
    const auto found = openChatTemplate(folder.path());
    BITLATHE_VERIFY_OK(found);
    QCOMPARE(found->render(conversation("Hi", "")).value(), "plain");
    ChatOptions options;
    options.tools = Json::array({{{"name", "f"}}});
    QCOMPARE(found->render(conversation("Hi", ""), options).value(), "f");
}

void TestChatTemplate::brokenFolders_data()
{
    QTest::addColumn<QString>("config");
    QTest::addColumn<QString>("sentence");
    QTest::newRow("syntax") << R"({"chat_template": "a\n{% if %}"})"
                            << "tokenizer_config.json:2: expected an expression";
    QTest::newRow("type") << R"({"chat_template": 5})"
                          << "tokenizer_config.json: expected chat_template as a text";
    QTest::newRow("unnamed") << R"({"chat_template": [{"template": "x"}]})"
                             << "tokenizer_config.json: expected chat_template as a text";
    QTest::newRow("no default") << R"({"chat_template": [{"name": "rag", "template": "x"}]})"
                                << "tokenizer_config.json: expected a chat template with the name default";
    QTest::newRow("no object") << "[1]"
                               << "tokenizer_config.json: expected a JSON object";
}

void TestChatTemplate::brokenFolders()
{
    QFETCH(const QString, config);
    QFETCH(const QString, sentence);
    const tests::TempFolder folder;
    write(folder / "tokenizer_config.json", config.toStdString());
    const auto found = openChatTemplate(folder.path());
    QVERIFY(!found);
    QVERIFY2(QString::fromStdString(found.error().sentence()).contains(sentence), found.error().sentence().c_str());
}

void TestChatTemplate::thoughtsAndMissingValues()
{
    const auto parsed = ChatTemplate::parse(
        "{% for m in messages %}{{ m.thinking }}{{ m.reasoning_content }}{{ m.content is defined }}{% endfor %}", "t");
    BITLATHE_VERIFY_OK(parsed);
    const Json messages = Json::array({{{"role", "assistant"}, {"reasoning", "why"}, {"content", nullptr}}});
    QCOMPARE(parsed->render(messages).value(), "whywhyFalse");
    QCOMPARE(parsed->render(Json::object()).error().code, ErrorCode::TextInvalid);
}

void TestChatTemplate::conversationsOfRows()
{
    const Json shared = Json::parse(
        R"({"conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}, {"from": "system", "value": "c"}]})");
    QCOMPARE(conversationOf(shared),
             Json::parse(R"([{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"},
                             {"role": "system", "content": "c"}])"));
    const Json plain = Json::parse(R"({"messages": [{"role": "user", "content": "a"}]})");
    QCOMPARE(conversationOf(plain), plain.at("messages"));
    QVERIFY(conversationOf(Json::parse(R"({"messages": ["a"], "text": "b"})")).is_null());
    QCOMPARE(conversation("q", "s").size(), 2U);
}

} // namespace

QTEST_GUILESS_MAIN(TestChatTemplate)
#include "tst_chattemplate.moc"
