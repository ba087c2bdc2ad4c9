<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>Error</name>
    <message>
        <source>%1: expected %2, found %3.</source>
        <extracomment>%1 is a file, layer or setting</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1: expected %2.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1: %2.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 %2.</source>
        <extracomment>A sentence, and the advice that follows it</extracomment>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>JobState</name>
    <message>
        <source>Queued</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Running</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pausing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Paused</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancelling</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Done</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Failed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancelled</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Quit Bitlathe</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>%n jobs are not finished.</source>
        <translation type="unfinished">
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>Paused runs keep what is done and go on from the history page. Comparisons start again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pause and quit</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep working</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Numbers</name>
    <message>
        <source>not a number</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>infinite</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 min %2 s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 h %2 min</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 min</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 h</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::BarPlot</name>
    <message>
        <source>%1: %2</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::CalibrationStep</name>
    <message>
        <source>Calibration text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Which text shows what the model is used for?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a text file</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Text &amp;file or folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A .txt, .jsonl, .json, .csv or .arrow file (also .gz or .zst) or a folder of them. FILE#field picks a field of each row. Parquet has to be turned into .jsonl first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use the bundled text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use none</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Samples</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Rows or windows of text that go through the model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Length, tokens</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A sample is cut after so many tokens</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>S&amp;eed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>0 takes the first rows; any other number a repeatable choice of rows</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>first rows</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How it &amp;begins</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The first row</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This method needs a calibration text.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Texts (*.txt *.jsonl *.json *.csv *.arrow *.gz *.zst);;All files (*)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose calibration text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Change calibration samples</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Without a text, errors are measured on the weights alone.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reading …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 samples with %2 tokens together, the shortest %3, the longest %4.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::ComparePage</name>
    <message>
        <source>Compare</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Run all models over the same text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add model…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add a model folder as one more column</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Take the selected model out of the comparison; its folder stays</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Make base</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Compare the others with the selected model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Models, base first</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Drag to change the order. The first model is the one that the others are compared with.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A .txt, .jsonl, .csv or .arrow file</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The text that all models are measured on. It should not be the calibration text.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source> tokens</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tokens of one window. Perplexities of different lengths do not compare.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>all</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>More windows take longer and make the standard errors smaller.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Window &amp;length</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Windows</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Figures of the compared models</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Quality against size</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Weights in memory (MiB)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Perplexity</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Compare two models to see what their size buys.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Quality</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Memory</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Batch</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Context</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Memory by batch and context</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Memory (MiB)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Compare models to see what they need in memory.</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>%n model(s) over the same windows</source>
        <translation type="unfinished">
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>Add model folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add at least two models, choose a text and press Compare: every model is measured on the same windows, and each difference comes with its standard error.</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>%n window(s) of %1 tokens of %2, no overlap, the first token of each not scored; arithmetic %3.</source>
        <translation type="unfinished">
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>Weights</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>KV cache, 16 bits</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::ComparisonModel</name>
    <message>
        <source>%1 (base)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Scheme</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Bits per weight</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Size on disk</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Weights in memory</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Peak memory, measured</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>KV cache per token</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Perplexity</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Difference to the base</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>KL divergence, mean (nats)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>KL divergence, 99 % (nats)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Same top token</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Speed (tokens/s)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How the weights of the linear layers are stored.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stored bits of the linear layers, scales and zero points included, divided by their weights.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Bytes of the tensor files.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Bytes of the weights while the model runs here.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Highest resident memory while this model alone was loaded and ran its first window.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keys and values of one token over all layers, in half precision.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Exponential of the mean negative log likelihood of a token, with its standard error. Lower is better.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Perplexity minus that of the base over the same windows; the standard error is that of the paired difference.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How far the model&apos;s next-token probabilities are from the base&apos;s, averaged over all tokens. Zero: the same.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The KL divergence that 99 of 100 tokens stay below.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Share of tokens for which the most likely next token is the base&apos;s.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tokens evaluated in a second on this machine.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>base</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::CostStep</name>
    <message>
        <source>Estimate</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What shall be measured, and with how much of the machine?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Stop at the first finding</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a text to measure with</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Text to measure with</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>After the run, the result and the original predict this text; perplexity and divergence say how much was lost. Take another text than for calibration. Empty: nothing is measured</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use the bundled text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use none</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Window, tokens</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tokens that are predicted together</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Wi&amp;ndows</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How many of them; more make the error bars smaller</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>all</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose text to measure with</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Change windows</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fastest here</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>f32: slower, exact</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>bf16: faster</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>T&amp;hreads</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cores that work at once; the result is the same for any number</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Arithmetic</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Number format of matrix products</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>See&amp;d</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The same seed gives the same bytes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A finding that would be a warning ends the run (strict)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Change threads</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Change seed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Change arithmetic</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Change strictness</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Texts (*.txt *.jsonl *.json *.csv *.arrow *.gz *.zst);;All files (*)</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::DropHint</name>
    <message>
        <source>Drop to open</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::EstimatePanel</name>
    <message>
        <source>Result</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tensor files of the result, exact</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Memory</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The most memory in use at one time</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Disk</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Space needed while it runs: the result and cached statistics</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What it will cost</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Time</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Bits per weight</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open a model to see size, memory, disk and time.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 of the model&apos;s %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>of %1 free on this machine</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>of %1 free in the output folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1: %2.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1: %2. %3.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::FindingModel</name>
    <message>
        <source>Note</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Watch</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Bad</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Verdict</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Where</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What was found</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What to try</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::FormatStep</name>
    <message>
        <source>Format</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Which program shall load the result?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Replace what is in that folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>On the command line: --format %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Loads in %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose where the result goes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Output folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A new folder. It gets this name only when everything in it was written and read back</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose format</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Change overwriting</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No output folder is chosen.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose output folder</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::HelpWindow</name>
    <message>
        <source>First steps and keys</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open a model folder, or the demo model. Nothing is copied.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Look at its layers on the page Model: weights, and the channels that stand out.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Try bits and group sizes on the page Tune. Every change answers at once.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start a run with New run. It says beforehand what it will cost.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Compare the result with the original: perplexity, divergence, memory.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export a report, and load the exported folder with the program it was made for.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>First steps</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keys</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Space</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>In the job list: pause or go on</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Esc</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>In the job list: cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Shift</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>With a page&apos;s main button: copy the command line</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::HistogramPlot</name>
    <message>
        <source>Weight</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Weights per bin</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Before</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>After quantization</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Grid of one group</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 to %2: %3</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 to %2: %3 before, %4 after</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>From</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>To</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::HistoryModel</name>
    <message>
        <source>Running</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Done</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Done, with findings</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Failed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancelled</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Started</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>State</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Method</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Scheme</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Bits per weight</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Perplexity</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>KL divergence, nats</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Findings</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Time</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Note</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::HistoryPage</name>
    <message>
        <source>Open run</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show the layers and figures of this run</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Go on</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Go on with an interrupted run</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Compare</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Compare the selected results</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use recipe</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Take the settings of this run for a new one</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open the folder of the result</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Take runs off this list; their folders stay</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Runs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No runs yet. New run starts one; whatever it finds is kept here.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Filter</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Model, method, scheme or note</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Filter runs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>History</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>%n runs, of this window and of bitlathe-cli</source>
        <translation type="unfinished">
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>Remove runs</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>Take %n runs off the list?</source>
        <translation type="unfinished">
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>Their figures and notes are forgotten. Exported folders stay where they are.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::JobModel</name>
    <message>
        <source>Job</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>State</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Progress</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Time left</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Elapsed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Peak memory</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::JobsDock</name>
    <message>
        <source>Jobs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pause</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pause or go on (Space)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel (Ctrl+. or Esc)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show layers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open the finished run on the layers page</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open the folder the run writes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy as command line</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The same with bitlathe-cli</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save as recipe…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep all settings of this run in a file</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No jobs. Runs, calibrations and comparisons appear here while they work.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Layers of the selected job</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Layers appear here one by one while a run works.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Findings of the selected job</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing surprising was found.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Layers %1 of %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Layers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Findings (%1)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Go on</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copied: %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save recipe</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Recipes (*.yaml)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Saved %1</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::LayerModel</name>
    <message>
        <source>Outside the blocks</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Block %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1-bit</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Layer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Shape (out × in)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Type</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Size</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::LayerPicker</name>
    <message>
        <source>Filter layers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Part of a name, such as q_proj or block 3 (Ctrl+F)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Layers</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::LayersPage</name>
    <message>
        <source>Layers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Output row</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Raise bits of bad layers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Adds overrides with 8 bits for the layers whose output error is 5 % or more</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Layers of the run</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Output error through depth</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Block</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Output error (%)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Scales of the selected layer, row by group</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Zero points of the selected layer, row by group</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Share of codes at the ends of their range</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Select a quantized layer in the table.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Depth</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Scales</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Zero points</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Saturation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The layers of the newest run appear here. Quantize a model, or open a run from the history.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1: %2 bits per weight, %3</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Group</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Scale</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Zero point (code)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Input column</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Share of saturated codes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Overrides added to the recipe. Run it again to see what they bring; Ctrl+Z takes them back.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::LinePlot</name>
    <message>
        <source>%1: %2</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::LogDock</name>
    <message>
        <source>Log</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No log lines match.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Filter</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Words in the message</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Filter the log</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Show</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Everything</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Notes and above</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Warnings and problems</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy the lines shown</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::LogModel</name>
    <message>
        <source>Trace</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Detail</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Note</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Warning</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Problem</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fault</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Time</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Kind</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Message</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::MainWindow</name>
    <message>
        <source>Opening %1 …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 — Bitlathe</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No model is open</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 windows of %2 tokens</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose calibration text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open model folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open recipe</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Recipes (*.yaml *.yml);;All files (*)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save recipe</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Recipes (*.yaml)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Saved %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Run</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copied: %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>About Bitlathe</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&lt;h3&gt;Bitlathe %1&lt;/h3&gt;&lt;p&gt;A workbench for quantizing large language models.&lt;/p&gt;&lt;p&gt;The window is free software under the GNU General Public License, version 3 or later. The engine and bitlathe-cli are under the Apache License 2.0.&lt;/p&gt;</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Run</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Open model folder…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open a folder with a model; nothing is copied</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Recent models</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open the &amp;demo model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A small trained model that comes with the program</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open &amp;recipe…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Take all settings of a run from a file</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Save recipe…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep all settings of the run in a file</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Export report…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Write what was found as HTML, PDF, CSV or JSON</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Se&amp;ttings…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Theme, language, type size, threads</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Quit Bitlathe</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Undo</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Redo</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Find layer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Look for a layer or row by name</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Refresh</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Read again what may have changed on disk</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Compare</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Compare the selected models, or open the compare page</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;New run…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Set up a run step by step</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Quantize with the settings as they are</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Calibrate</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Run the calibration text through the model, for error estimates</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel &amp;job</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel the selected job; what is done is kept on disk</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy as command &amp;line</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The same with bitlathe-cli</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show the page %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Jobs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Log</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Theme</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>As the system</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Light</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Dark</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>L&amp;anguage</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>First steps and &amp;keys</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What each page is for, and all keys</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;About Bitlathe</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Version and licences</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>CPU %1 · %n cores</source>
        <translation type="unfinished">
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>%1
%2 of memory</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Device: %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Arithmetic</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fastest here (%1)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>f32: slower, exact</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>bf16: faster, rounds to 8 bits of mantissa</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::MapPlot</name>
    <message>
        <source>%1 %2, %3 %4: %5</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Rank</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::MessageBar</name>
    <message numerus="yes">
        <source>%n earlier</source>
        <translation type="unfinished">
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>Copy this message</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Dismiss this message</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::MethodStep</name>
    <message>
        <source>Method</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How shall the weights be rounded?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>On the command line: --method %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Looks at what goes through the model: needs a calibration text, takes longer, loses less.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Looks at the weights alone: quick, and needs no text. A calibration text only measures the error.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose method</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::ModelPage</name>
    <message>
        <source>Model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Quantize…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Calibrate</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose how to quantize this model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Run the calibration text through the model to see its activations</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Select a linear layer on the left to see the distribution of its weights.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Facts</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Weights</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Activation outliers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Input of</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>attention (q, k, v)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>attention output</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>MLP (gate, up)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>MLP output (down)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The linears whose input the map shows</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Activation outliers: largest magnitude of each channel, block by block</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Which channels carry outliers shows after the calibration text has been run through the model. Press Calibrate.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open a model folder (Ctrl+O) or drop one here.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Architecture</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stored as</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Size on disk</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Quantization</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>none</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1, %2 bits per weight</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Blocks</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Hidden size</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Intermediate size</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Attention heads</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 (%2 for keys and values) of %3</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Vocabulary</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Positions</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>KV cache per token, 16 bits</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Output head</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>tied to the embedding</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>of its own</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tokenizer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1: largest magnitude %2, standard deviation %3, kurtosis %4</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Block</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Input channel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Largest magnitude</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::ModelStep</name>
    <message>
        <source>Model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Which model shall be quantized?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a model folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Model &amp;folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The folder with config.json and the .safetensors files. It is read where it lies, never copied or changed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Folder with config.json</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Opening …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No model is open.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a folder, or drop one anywhere in the window.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Name</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Family</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stored as</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Size</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Blocks</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Layers to quantize</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tokenizer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>found</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>none that can be used</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::OverridesEdit</name>
    <message>
        <source>Remove</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Layers that &amp;differ</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Layers that differ</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A pattern such as *.mlp.down_proj, or re: and a regular expression. The last match counts</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Layers (pattern)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Bits</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Group size</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Matches</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All layers are treated alike.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add selected layer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Adds a row for the layer that is selected on the other pages; edit the pattern to match more</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>full precision</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Bits of row %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add a layer that differs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove a layer that differs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Change a layer that differs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 matches no layer of this model.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::PlotPanel</name>
    <message>
        <source>Show as table</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::PlotWidget</name>
    <message>
        <source>%1 could not be written. Choose another folder.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reset view</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Logarithmic axis</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy image</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy as CSV</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save as %1…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save plot</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::Rail</name>
    <message>
        <source>Pages</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::ReportPage</name>
    <message>
        <source>Report</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export report…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save as HTML, PDF, CSV or JSON, by the file&apos;s ending</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Comparison</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Run</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What the report is about</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Report of</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Preview of the report</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A report of the newest run or comparison appears here. Quantize a model or compare two.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export report</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Web page (*.html)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>PDF (*.pdf)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Table (*.csv)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>JSON (*.json)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Report saved as %1</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::RunLayerModel</name>
    <message>
        <source>fine</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>watch</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>bad</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>one row</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>whole layer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>kept</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Squared error of the layer&apos;s output, relative to the output&apos;s energy.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Squared error of the layer&apos;s output for one token of the calibration text.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Share of codes at the ends of their range.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Layer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Bits</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Group size</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Output error</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Verdict</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Loss</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Saturated</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Time (s)</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::ScatterPlot</name>
    <message>
        <source>Best for its size</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 ± %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1
%2: %3
%4: %5</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Name</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Standard error</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::SchemeStep</name>
    <message>
        <source>Scheme</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How many bits may a weight take?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>S&amp;ymmetric: zero lies in the middle</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Important &amp;columns first</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>%n bits</source>
        <translation type="unfinished">
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>Keep the whole range</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Shrink it to the smallest error</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Without it each group stores a zero point too: a little larger, better for lopsided weights</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Quantize the input channels with the largest activations first (act-order). Fewer programs load it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Bits per weight</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fewer bits: smaller and less exact</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Group size, weights</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>So many weights of a row share one scale. A number from 16 to 1,024, channel (one scale a row) or tensor (one scale a layer). Smaller groups: more exact and a little larger</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Range of a group</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How far weights reach before they are cut (clipping)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Change bits</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Change zero point</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Change column order</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Change range</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Change group size</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::Session</name>
    <message>
        <source>Open recipe</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Calibrate %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Quantize %1 · %2 · %3</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>Compare %n models</source>
        <translation type="unfinished">
            <numerusform></numerusform>
        </translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::SettingsDialog</name>
    <message>
        <source>Settings</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Theme</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>As the system</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Light</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Dark</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Colours of the window</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Language</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Switches at once</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Type &amp;size</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>75 % to 200 % of the desktop&apos;s type size</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reduce motion</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Motion</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing moves by itself</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Units</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>1 KiB = 1,024 bytes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>1 kB = 1,000 bytes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Units of file and memory sizes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All (%1)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>T&amp;hreads</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cores that work at once; results are the same for any number</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Arithmetic</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fastest here (%1)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>f32: slower, exact</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>bf16: faster</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Number format of matrix products</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::StartPage</name>
    <message>
        <source>Open model folder…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open a folder with a model; nothing is copied</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Quantize language models, and see what it does to them</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Recent models</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Models that you open are listed here.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Drop a model folder here</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>or a .safetensors file, a recipe, a text – anywhere in the window</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open the demo model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A small trained LLaMA that comes with the program, with texts to calibrate and to measure</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Recent runs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Runs are listed here. Start one with New run.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All runs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ctrl+%1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 · %2 parameters · %3 · %4 · %5</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source> · perplexity %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open model folder</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::StartStep</name>
    <message>
        <source>Start</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This is all of it. Change the text here, or go back; both are the same recipe.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Recipe</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Everything the run does, as YAML. Save it with Ctrl+S</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy the recipe</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Command &amp;line</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The same without a window</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy the command line</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Recipe</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This text names another model. Choose the model on the first step.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Edit recipe text</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::StepList</name>
    <message>
        <source>Step %1: %2</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::TitleLine</name>
    <message>
        <source>%1
Shift: copy the command line</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 (%2)
Shift: copy the command line</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::TryPage</name>
    <message>
        <source>Try</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The same prompt on two models</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Generate</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Complete the prompt with both models</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>End both completions and keep what is there</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Left model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Right model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Prompt</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Text that both models continue</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>New tokens at most.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>greedy</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Greedy takes the most likely token; higher values choose more freely.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>off</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose among this many most likely tokens only.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose among the most likely tokens that together have this probability.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Above 1: tokens that were there before become less likely.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The same seed gives the same text.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;New tokens</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Temperature</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Seed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Top &amp;k</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Top p</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Repetition p&amp;enalty</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Models that were opened, made or dropped here</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Completion</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The completion appears here.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Loading the model, %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Working…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stopped</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>%n token(s), %1 tokens/s, first after %2</source>
        <translation type="unfinished">
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>Both completions are the same.</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>The completions agree for %n token(s), then differ.</source>
        <translation type="unfinished">
            <numerusform></numerusform>
        </translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::TunePage</name>
    <message>
        <source>Tune</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>fine</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>watch</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>bad</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use for all layers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The recipe&apos;s scheme becomes this one</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use for this layer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Adds an override for this layer to the recipe</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use for all like this</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Adds an override for this linear of every block</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep this layer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Leaves this layer in full precision</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Scheme of all layers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The recipe now uses this scheme. Ctrl+Z takes it back.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Override of one layer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Override of all layers like this</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep a layer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Method</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Bits of one weight&apos;s code: fewer bits, smaller model, larger error.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Weights that share a scale (group_size): smaller groups follow the weights better and cost more bits.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Symmetric</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The zero point stays in the middle of the range. Without it every group has its own zero point.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Smallest to largest weight</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Smallest squared error</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The range that codes cover. Clipping the largest weights can make all others more exact.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Clipping</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Bits per weight</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Codes, scales and zero points of this layer, divided by its weights.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Output error</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Squared error of the layer&apos;s output on the calibration text, relative to the output&apos;s energy. Below 1 % fine, below 5 % watch.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Size of the layer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stored bytes of this layer, and how much that is of 16 bits.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Answered in</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Time from the setting to these numbers.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Weights before and after, with the grid of one group</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Select a layer on the left, then move the sliders: histogram, error and size follow at once.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Where the error is: largest change of a weight</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The output error is measured on the calibration text&apos;s statistics.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No statistics yet: the error is that of the weights alone. Calibrate on the Model page to measure the output.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Bits: %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Group size: one row</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Group size: whole layer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Group size: %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 (%2 of 16 bits)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Output row</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Input column</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Largest |w − w′|</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Override added to the recipe. Ctrl+Z takes it back.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::WizardPage</name>
    <message>
        <source>Back</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Next</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Quantize</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start the run with these settings</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>New run</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The run is in the job list.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>core</name>
    <message>
        <source>a file</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>nothing of that name</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check the path</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a readable file</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check the file&apos;s permissions</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>at most %1 bytes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>more</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>room on the disk</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Free some space or choose another folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a place that can be written</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check permissions or choose another folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>valid JSON</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy or download the file again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a syntax error at byte %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>JSON nested at most %1 deep</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>deeper nesting</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a number out of range</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the key %1 (%2)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no such key</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Take the file from the model&apos;s original folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 to be %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 from %2 to %3</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a file of the installation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Install Bitlathe again, or set BITLATHE_RESOURCES to its resources folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>stopped on request</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>at least %1 tokens</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>samples of at least one token</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no samples</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>sample %1 without tokens</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a longer text or shorter samples</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>finite activations</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>NaN or infinity while samples passed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Get an intact copy of the model, or compute in f32</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>statistics of a calibration</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Delete this file and calibrate again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no tensor &quot;%1&quot;</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a tensor &quot;%1&quot; of another type or shape</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>bytes that changed since they were written</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a tensor &quot;%1&quot; of another size</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>an input %1 whose parts do not fit together</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the shape [%1]</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>[%1]</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check that config.json and the tensor files belong together</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>an object</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>another JSON value</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the index does not place this tensor in %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check that all files are of one download</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the tensor %1, as the index says</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no such tensor in it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Download the index and the file again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a tensor in one file</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>it in %1 and in %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open one of the files instead of the folder, or remove what does not belong to the model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the tensor %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no tensor of that name</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the tensors of this run</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>those of another run</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start anew instead of resuming</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a plain file name</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a path</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 bytes of free space</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a tensor of the plan, before the end</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a write of another one, or too late</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 bytes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>it was never written</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a sealed folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>an open one</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>an object weight_map</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>none</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a file of this folder for the tensor %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a file that %1 lists</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Download the missing file into this folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 files as %2 says</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Download the missing files into this folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>tensors in .safetensors files</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Download the safetensors version of this model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a model folder with .safetensors files</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose the folder that holds config.json and model.safetensors</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a model folder or a .safetensors file</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a file of another kind</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose the folder that holds config.json</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Download the file again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>an object for %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>another value</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>strings in %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>another value for %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a name for the dtype of the tensor %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>data_offsets [begin, end] for the tensor %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a shape of whole numbers for the tensor %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a flat header</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>deeply nested JSON</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>names of at most %1 bytes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>each key once</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&quot;%1&quot; twice</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a %1 for the tensor %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a header in JSON</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a regular file</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a folder, pipe or device</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a new or empty folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a file or link of that name</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose another name</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a folder with files</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose another name or allow overwriting</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a folder that holds no model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no name</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Name a folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>one process that writes it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>another one that holds %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Wait for the other run to end or choose another folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>at least %1 bytes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The download did not end; download the file again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a safetensors header of at most %1 bytes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a header that begins with {</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>something else</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the tensor %1 to end behind its begin</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>data_offsets [%1, %2]</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the tensor %1 of shape [%2] and type %3 to fill its bytes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>left out of %1: its element type %2 is not known</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Work goes on where no layer needs this tensor</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the tensor %1 at offset %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1, which leaves a hole or an overlap</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>one tensor of that name</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>two</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a shape that fits a file</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>finite numbers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>NaN at %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>infinity at %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Download the model again, or take a checkpoint that was saved before training diverged</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a tokenizer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>models of one vocabulary</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 and %2 tokens</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Compare models that were made from the same one</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>one tokenizer for all models</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>two that give other tokens</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the model was calibrated on the text that it is evaluated on: %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Evaluate on another text: this perplexity is too good</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>at least one model folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>windows of at least 2 tokens</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>at least 2 tokens</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a longer text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>compressed-tensors (pack-quantized)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>integer codes for compressed-tensors</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>another kind of code</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose another format or another method</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>2, 4 or 8 bits for compressed-tensors</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 bits</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose 4 or 8 bits, or the format dense</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a group size that divides its %1 inputs, for compressed-tensors</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose another group size or one scale per channel, for this layer or for all</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>is quantized differently than %1, so vLLM does not load this model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Give layers that share their input the same bits and group size</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>has %1-bit codes in a [%2, %3] weight, which vLLM does not load</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use 4 or 8 bits, and leave layers of odd sizes in full precision</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>asks for quantized activations; here only the weights are, activations stay in full precision</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Expect slightly better quality here than in a runtime that quantizes activations</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>asks for a quantized KV cache; here it stays in full precision</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Expect slightly better quality here than in a runtime that quantizes it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Quantize the unquantized model again with a scheme of 8 bits or less and integer codes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a list of names as %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>regular expressions in %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Replace the pattern by the full names of the layers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>patterns of at most %1 characters in %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>one of %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Replace it by several shorter patterns</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the layout pack-quantized or int-quantized</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the strategy group, channel or tensor</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>quantized weights</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>none in this group</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>integer weights</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>2, 3, 4, 5, 6 or 8 bits</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>7</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>quantization_status compressed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save the model compressed with the tool that wrote it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>weights that are not stored sparse</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a sparsity_config</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save the model without sparse compression</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>weights without transforms</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a transform_config</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Quantize the model without rotations</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>an object config_groups</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a width that tells how %1-bit codes are packed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1, which fits both ways</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Quantize this model with 4 or 8 bits</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>values in %1 ... %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>others</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>groups in 0 ... %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Dense (dequantized safetensors)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a quantized layer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>one in full precision</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Read it as a dense layer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a layer as planned (%1)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1, [%2, %3]</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 quantized layers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Report this: the written configuration does not describe the layers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a quantized tensor where a scheme says so</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>one without a scheme</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 schemes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check the spelling</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>an unquantized model or one quantized as %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the quantization method %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open the unquantized model, or convert this one with the tool that wrote it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the model&apos;s configuration</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no such file</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy config.json from the model&apos;s original folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check that config.json and the tensor files belong together and are complete</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the tensors of config.json</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 missing: %2%3</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>what was written</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>other bytes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check the disk, then run the export again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>has scales that are zero (%1 in the whole model): their weights are all zero</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>has negative scales (%1 in the whole model), which some runtimes do not expect</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Quantize the model again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>has no tokenizer that can be used: %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a floating-point tensor</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open the folder as the quantized model it seems to be</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a divisor of %1 heads</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a multiple of %1 heads</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>an even number, at most %1 over all heads</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the activation %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a sliding window in some layers only</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>at least one token</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Give a prompt, or a tokenizer that prepends a token</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>0 or more</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Correct the setting</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a model whose forward pass is known (%1)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Methods that need no calibration, such as rtn, still quantize it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>an id from 0 to %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use the tokenizer that belongs to the model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 to be an integer or a list of them</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>an object with the model&apos;s settings</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>an empty one or no config.json</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Put the model&apos;s config.json beside its weights</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the model type %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose one of these shapes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Correct the dimensions of the shape</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the rope scaling %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>1 or more</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>an object or null</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>rope on a part of each head only</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a number above 1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>0 (greedy) or more</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>0 (off) or more</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>above 0 and at most 1 (off)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>above 0; 1 is off</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a model in full precision</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>one that is quantized already (%1)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose the model that it was made from</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a model of one of the families %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the family &quot;%1&quot;, whose layers are not known</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a model that can be run, for calibration and evaluation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the family &quot;%1&quot;</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Leave calibration and evaluation text away</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>this override matches no layer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Compare the pattern with the layer names that inspect lists</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the overrides keep every layer in full precision</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Narrow their patterns</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the calibration text is also the evaluation text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Evaluate on another text: this perplexity will be too good</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the run needs about %1 MiB of memory; %2 MiB are free</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Close other programs, or evaluate in a run of its own</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the run needs about %1 MiB of disk; %2 MiB are free</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a whole number from %1 to %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a pattern over layer names</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>an empty one</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Write for example &quot;*.down_proj&quot;</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a model folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Name the folder that holds config.json</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>calibration text for the method %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Name a text file, or choose the method rtn, which needs none</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a folder to write</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Name a folder that does not exist yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>keys and values under %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a name as key</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>one of the keys %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&quot;%1&quot;</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Correct or remove that key</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a text for %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a whole number for %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>true or false for %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 to be one of %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a number, channel or tensor for %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a pattern for %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Write for example pattern: &quot;*.down_proj&quot;</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 to be automatic where scheme.scale_dtype is, and only there</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a list for overrides</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>version: %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>version %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no version</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use a recipe that this version of the program wrote</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>one recipe in the file</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 documents</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>YAML</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a fault in column %1 (%2)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Correct that line</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a quantized weight of %1 x %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>one of %1 x %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use quantized weights and config.json of the same model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose one of these methods</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>finite weights</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 in row %2, column %3</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Get an intact copy of the model, or leave this layer out</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 of %2 scales are too large or too small for %3 and changed by more than 1 %</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Store scales as BF16 or F32</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a regular expression after &quot;re:&quot;</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>one that cannot be read (%1)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Correct the pattern, or use * and ? without &quot;re:&quot;</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a uniform integer grid</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>another kind of scheme</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a method that knows this kind</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose one of these widths</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a number from %1 to %2, &quot;channel&quot; or &quot;tensor&quot;</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Try 128</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>F16, BF16 or F32</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose one of these types</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a drawing is left out of this report: %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a layer of the model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>none of that name</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a file name that ends in .html, .csv or .json</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no ending</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the ending %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the history of runs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a database that can&apos;t be used (%1)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check the folder&apos;s permissions and free space, or move the file away</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a history of version %1 at most</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Update the program, or move the file away</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a run of the history</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no such run</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>See the list of runs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a run that was finished</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>one without a result</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Resume it, or run its recipe again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a fault in the program (%1)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Please report it together with the log</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a journal of version %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Go on with the version of the program that began the run</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the journal of an interrupted run</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a damaged one (%1)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start the run anew</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>an interrupted run</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check the folder&apos;s name, or start the run anew</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a header line</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 for &quot;%2&quot;</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Run again: the record of this run is damaged</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a folder that a run has written (with %1)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check the folder&apos;s name</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>an interrupted run of this recipe</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a finished one or one of another recipe</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a run begun by version %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>one by version %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a run of this recipe</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>one of another recipe</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a run of this model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the model has changed since it was begun</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>layers of this model in the journal</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>another</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Calibrating</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the text gives %1 of the %2 samples asked for</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use a longer text, or ask for fewer samples</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Quantizing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Quantizing block %1 of %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no token of the calibration text reached this layer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use more samples</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Writing and verifying</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Evaluating</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>an Arrow stream</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 more bytes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 before the end of the file</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a column of strings</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the columns %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Write the text as .jsonl or as a plain string column</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Arrow buffers without compression</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>compressed ones</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Write the file without compression, or compress the whole file to .arrow.zst</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>UTF-8 text in column %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Write the text as UTF-8</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>an Arrow schema</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>damaged bytes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>little-endian Arrow data</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>big-endian data</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Write the file on another machine</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>columns of the usual Arrow types</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>one of type %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>one of type number %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 data</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the whole of the %1 data</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a file that is cut off</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>at most %1 bytes when unpacked</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Split the text into several files</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a closing quotation mark</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the end of the file</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Write a quotation mark inside a quoted field twice</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a comma or the end of the line after a quoted field</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>more text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a header line with different names</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Put a line with the names of the columns first</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 fields as in the header</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Put text that holds commas into quotation marks</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a JSON object or string</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a value of type %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the field %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the fields %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Name one of them after a # behind the file&apos;s name</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>text in the field %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Name a field that holds text after a # behind the file&apos;s name</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a field text or content, or one field with text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a SentencePiece model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a file without a vocabulary</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a file that is cut off or damaged</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>one that the SentencePiece library refuses (%1)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a JSON object</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>another kind of value</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 to name tokens by text and by an id from 0</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>an entry of another form</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 to be a token of the vocabulary</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use the tokenizer files of one and the same model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>UTF-8 text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the byte 0x%1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save the file as UTF-8</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a readable folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check the folder&apos;s permissions</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>text files (%1)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>none in the folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Name a file or a folder with such files</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a text file or a folder of them</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a text file (%1)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>another extension</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Rename the file after what it holds</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>only .arrow files or none of them in a folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Put files of different kinds into folders of their own</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no row</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>only white space</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a file that holds text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a JSON array of token ids, or an object with one as input_ids</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>token ids</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>an empty array</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a SentencePiece file tokenizer.model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a tokenizer of another kind (%1)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Give token ids instead of text (ids:FILE.json)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a tokenizer file such as tokenizer.model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no folder of that name</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy the tokenizer&apos;s files from the model&apos;s original folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a tokenizer of at most %1 tokens, the rows of the model&apos;s embedding</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>one of %1 (%2)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use the tokenizer that belongs to this model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a tokenizer, which turns text into token ids</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a model without one</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>text that gives tokens</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a number above 0</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the device cpu</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>one that this build can&apos;t use</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Leave --device away</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a tokenizer in the folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Give token ids with --data ids:FILE.json</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>PATTERN=keep or PATTERN=bits:8,group:64 (also symmetric:, clipping:, act_order:)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Quote the pattern for the shell: --override &apos;*.down_proj=bits:8&apos;</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>auto, f16, bf16 or f32</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose one of these</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Perhaps &quot;%1&quot; was meant</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a list of lists of token ids</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a list of strings</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>an entry of type %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a JSON array</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the type %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>See bitlathe-cli inspect %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a picture that can be written</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a folder that you may write to</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a page of the window</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>an end in time</source>
        <translation type="unfinished"></translation>
    </message>
</context>
</TS>
