<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en_US" sourcelanguage="en">
<context>
    <name>MainWindow</name>
    <message numerus="yes">
        <source>%n jobs are not finished.</source>
        <translation>
            <numerusform>%n job is not finished.</numerusform>
            <numerusform>%n jobs are not finished.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::ComparePage</name>
    <message numerus="yes">
        <source>%n model(s) over the same windows</source>
        <translation>
            <numerusform>%n model over the same windows</numerusform>
            <numerusform>%n models over the same windows</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::CompletionColumn</name>
    <message numerus="yes">
        <source>%n token(s), %1 tokens/s, first after %2</source>
        <translation>
            <numerusform>%n token, %1 tokens/s, first after %2</numerusform>
            <numerusform>%n tokens, %1 tokens/s, first after %2</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>the oldest %n question(s) and answers were left away</source>
        <translation>
            <numerusform>the oldest question and its answer were left away</numerusform>
            <numerusform>the oldest %n questions and answers were left away</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::HistoryPage</name>
    <message numerus="yes">
        <source>%n runs, of this window and of bitlathe-cli</source>
        <translation>
            <numerusform>%n run, of this window and of bitlathe-cli</numerusform>
            <numerusform>%n runs, of this window and of bitlathe-cli</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Remove %n runs</source>
        <translation>
            <numerusform>Remove %n run</numerusform>
            <numerusform>Remove %n runs</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n runs are off the list; their folders stay. Ctrl+Z brings them back.</source>
        <translation>
            <numerusform>%n run is off the list; its folder stays. Ctrl+Z brings it back.</numerusform>
            <numerusform>%n runs are off the list; their folders stay. Ctrl+Z brings them back.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::KvChoice</name>
    <message numerus="yes">
        <source>%n kinds of KV cache</source>
        <translation>
            <numerusform>%n kind of KV cache</numerusform>
            <numerusform>%n kinds of KV cache</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::MainWindow</name>
    <message numerus="yes">
        <source>CPU %1 · %n cores</source>
        <translation>
            <numerusform>CPU %1 · %n core</numerusform>
            <numerusform>CPU %1 · %n cores</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::MessageBar</name>
    <message numerus="yes">
        <source>%n earlier</source>
        <translation>
            <numerusform>%n earlier</numerusform>
            <numerusform>%n earlier</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::RunViews</name>
    <message numerus="yes">
        <source>Error growth: hidden states against the original, over %n token(s)</source>
        <translation>
            <numerusform>Error growth: hidden states against the original, over %n token</numerusform>
            <numerusform>Error growth: hidden states against the original, over %n tokens</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::SchemeStep</name>
    <message numerus="yes">
        <source>%n bits</source>
        <translation>
            <numerusform>%n bit</numerusform>
            <numerusform>%n bits</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::SpeedModel</name>
    <message numerus="yes">
        <source>%n sequence(s) after %1 tokens</source>
        <translation>
            <numerusform>%n sequence after %1 tokens</numerusform>
            <numerusform>%n sequences after %1 tokens</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::StatusLine</name>
    <message numerus="yes">
        <source>%n waiting</source>
        <translation>
            <numerusform>%n waiting</numerusform>
            <numerusform>%n waiting</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::TryPage</name>
    <message numerus="yes">
        <source>%1 agrees with the first for %n token(s), then differs.</source>
        <translation>
            <numerusform>%1 agrees with the first for %n token, then differs.</numerusform>
            <numerusform>%1 agrees with the first for %n tokens, then differs.</numerusform>
        </translation>
    </message>
</context>
</TS>
