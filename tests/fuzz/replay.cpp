// SPDX-License-Identifier: Apache-2.0
// Runs a fuzz target without a fuzzer: over every file of a corpus folder, then over mutations with a fixed seed, as many as
// there are at least or, with BITLATHE_FUZZ_SECONDS, as many as fit in that time.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace
{

constexpr std::int64_t kMutationsLeast = 20'000;

int run(const std::string& input)
{
    return LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

std::vector<std::string> readCorpus(const std::filesystem::path& folder)
{
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        files.push_back(entry.path());
    }
    std::ranges::sort(files);
    std::vector<std::string> inputs;
    for (const auto& file : files) {
        std::ifstream in(file, std::ios::binary);
        inputs.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    }
    return inputs;
}

class Mutator
{
public:
    explicit Mutator(const std::vector<std::string>& corpus) : m_corpus(corpus) {}

    std::string next()
    {
        std::string input = m_corpus[below(m_corpus.size())];
        for (std::size_t changes = 1 + below(4); changes > 0; --changes) {
            change(input);
        }
        return input;
    }

private:
    std::size_t below(std::size_t limit)
    {
        return static_cast<std::size_t>(m_random() % std::max<std::size_t>(limit, 1));
    }

    void change(std::string& input)
    {
        // What readers of structured files stumble over.
        static constexpr std::array<std::string_view, 20> kTokens{"0",
                                                                  "-1",
                                                                  "18446744073709551615",
                                                                  "9223372036854775807",
                                                                  "4294967296",
                                                                  "1e999",
                                                                  "null",
                                                                  "true",
                                                                  "{",
                                                                  "}",
                                                                  "[",
                                                                  "]",
                                                                  "\"",
                                                                  ",",
                                                                  ":",
                                                                  "\\u0000",
                                                                  "\xff",
                                                                  "{}",
                                                                  "[]",
                                                                  "\n"};
        const std::size_t at = below(input.size() + 1);
        switch (below(6)) {
        case 0: input.resize(at); break;
        case 1: input.insert(at, kTokens[below(kTokens.size())]); break;
        case 2: input.erase(at, 1 + below(8)); break;
        case 3: input.insert(at, input.substr(below(input.size() + 1), below(40))); break;
        case 4: {
            const std::string_view token = kTokens[below(kTokens.size())];
            input.replace(at, token.size(), token);
            break;
        }
        default:
            if (at < input.size()) {
                input[at] = static_cast<char>(below(256));
            }
        }
    }

    const std::vector<std::string>& m_corpus;
    std::mt19937_64 m_random{20240731};
};

} // namespace

int main(int argc, char** argv)
{
    if (argc != 2 || !std::filesystem::is_directory(argv[1])) {
        std::fputs("usage: fuzz_replay_NAME CORPUS_FOLDER\n", stderr);
        return 2;
    }
    const std::vector<std::string> corpus = readCorpus(argv[1]);
    if (corpus.empty()) {
        std::fputs("the corpus folder is empty\n", stderr);
        return 1;
    }
    for (const std::string& input : corpus) {
        run(input);
    }
    const char* wanted = std::getenv("BITLATHE_FUZZ_SECONDS");
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(wanted != nullptr ? std::atoi(wanted) : 0);
    Mutator mutator(corpus);
    std::int64_t mutations = 0;
    while (mutations < kMutationsLeast || std::chrono::steady_clock::now() < end) {
        run(mutator.next());
        ++mutations;
    }
    std::printf("%zu inputs of the corpus and %lld mutations\n", corpus.size(), static_cast<long long>(mutations));
    return 0;
}
