<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>Error</name>
    <message>
        <source>%1: expected %2, found %3.</source>
        <extracomment>%1 is a file, layer or setting</extracomment>
        <translation>%1：应为%2，实际为%3。</translation>
    </message>
    <message>
        <source>%1: expected %2.</source>
        <translation>%1：应为%2。</translation>
    </message>
    <message>
        <source>%1: %2.</source>
        <translation>%1：%2。</translation>
    </message>
    <message>
        <source>%1 %2.</source>
        <extracomment>A sentence, and the advice that follows it</extracomment>
        <translation>%1%2。</translation>
    </message>
</context>
<context>
    <name>FileChoice</name>
    <message>
        <source>All files (*)</source>
        <translation>所有文件 (*)</translation>
    </message>
</context>
<context>
    <name>HelpTopic</name>
    <message>
        <source>F1: more in the guide</source>
        <translation>F1：在指南中查看更多</translation>
    </message>
</context>
<context>
    <name>JobState</name>
    <message>
        <source>Queued</source>
        <translation>排队中</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>运行中</translation>
    </message>
    <message>
        <source>Pausing</source>
        <translation>正在暂停</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>已暂停</translation>
    </message>
    <message>
        <source>Cancelling</source>
        <translation>正在取消</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>完成</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>失败</translation>
    </message>
    <message>
        <source>Cancelled</source>
        <translation>已取消</translation>
    </message>
</context>
<context>
    <name>KvScheme</name>
    <message>
        <source>KV of 16 bits</source>
        <translation>16 位 KV</translation>
    </message>
    <message>
        <source>KV %1 by layer</source>
        <extracomment>%1 is a type of numbers, such as int8</extracomment>
        <translation>KV %1（按层）</translation>
    </message>
    <message>
        <source>KV %1 by head</source>
        <translation>KV %1（按头）</translation>
    </message>
    <message>
        <source>KV %1 by token</source>
        <translation>KV %1（按词元）</translation>
    </message>
    <message>
        <source>%1, symmetric</source>
        <translation>%1，对称</translation>
    </message>
    <message>
        <source>%1, fitted</source>
        <translation>%1，拟合网格</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Quit Bitlathe</source>
        <translation>退出 Bitlathe</translation>
    </message>
    <message numerus="yes">
        <source>%n jobs are not finished.</source>
        <translation>
            <numerusform>还有 %n 个作业未完成。</numerusform>
        </translation>
    </message>
    <message>
        <source>Paused runs keep what is done and go on from the history page. Comparisons start again.</source>
        <translation>暂停的运行会保留已完成的部分，可从“历史”页继续。比较需要重新开始。</translation>
    </message>
    <message>
        <source>Pause and quit</source>
        <translation>暂停并退出</translation>
    </message>
    <message>
        <source>Keep working</source>
        <translation>继续工作</translation>
    </message>
</context>
<context>
    <name>Numbers</name>
    <message>
        <source>not a number</source>
        <translation>非数值</translation>
    </message>
    <message>
        <source>infinite</source>
        <translation>无穷大</translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation>%1 秒</translation>
    </message>
    <message>
        <source>%1 min %2 s</source>
        <translation>%1 分 %2 秒</translation>
    </message>
    <message>
        <source>%1 h %2 min</source>
        <translation>%1 小时 %2 分</translation>
    </message>
    <message>
        <source>%1 min</source>
        <translation>%1 分</translation>
    </message>
    <message>
        <source>%1 h</source>
        <translation>%1 小时</translation>
    </message>
    <message>
        <source>%1 ms</source>
        <translation>%1 毫秒</translation>
    </message>
</context>
<context>
    <name>ReportDocument</name>
    <message>
        <source>Comparison</source>
        <translation>比较</translation>
    </message>
    <message>
        <source>Run: %1</source>
        <translation>运行：%1</translation>
    </message>
    <message>
        <source>Fact</source>
        <translation>项目</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>值</translation>
    </message>
    <message>
        <source>Source model</source>
        <translation>来源模型</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>格式</translation>
    </message>
    <message>
        <source>Bits per weight</source>
        <translation>每权重位数</translation>
    </message>
    <message>
        <source>Size on disk</source>
        <translation>磁盘大小</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Peak memory</source>
        <translation>内存峰值</translation>
    </message>
    <message>
        <source>Layers</source>
        <translation>各层</translation>
    </message>
    <message>
        <source>kept</source>
        <translation>保留</translation>
    </message>
    <message>
        <source>Layer</source>
        <translation>层</translation>
    </message>
    <message>
        <source>Bits</source>
        <translation>位数</translation>
    </message>
    <message>
        <source>Output error</source>
        <translation>输出误差</translation>
    </message>
    <message>
        <source>Loss</source>
        <translation>损失</translation>
    </message>
    <message>
        <source>Saturated</source>
        <translation>饱和</translation>
    </message>
    <message>
        <source>Recipe</source>
        <translation>配方</translation>
    </message>
    <message>
        <source>%1 on %2, %3; CPU level %4, threads %5, %6</source>
        <translation>%1，%2，%3；CPU 级别 %4，%5 个线程，%6</translation>
    </message>
    <message>
        <source>Findings</source>
        <translation>发现</translation>
    </message>
    <message>
        <source>Outlier columns</source>
        <translation>离群列</translation>
    </message>
    <message>
        <source>Tokens that suffer most: %1</source>
        <translation>受损最大的词元：%1</translation>
    </message>
    <message>
        <source>What was lost, and where</source>
        <translation>损失了什么，在哪里</translation>
    </message>
    <message>
        <source>%1: %2 %3</source>
        <extracomment>A verdict (fine, watch, bad), a sentence, and what values are usual</extracomment>
        <translation>%1：%2%3</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>设备</translation>
    </message>
    <message>
        <source>%1 (peak memory %2)</source>
        <translation>%1（显存峰值 %2）</translation>
    </message>
</context>
<context>
    <name>Scheme</name>
    <message>
        <source>%1-bit</source>
        <translation>%1 位</translation>
    </message>
    <message>
        <source>groups of %1</source>
        <translation>每组 %1</translation>
    </message>
    <message>
        <source>per channel</source>
        <translation>逐通道</translation>
    </message>
    <message>
        <source>per tensor</source>
        <translation>逐张量</translation>
    </message>
    <message>
        <source>symmetric</source>
        <translation>对称</translation>
    </message>
    <message>
        <source>asymmetric</source>
        <translation>非对称</translation>
    </message>
    <message>
        <source>, </source>
        <extracomment>Between the parts of a list such as &quot;4-bit, symmetric&quot;</extracomment>
        <translation>，</translation>
    </message>
    <message>
        <source>blocks of %1</source>
        <translation>每块 %1</translation>
    </message>
    <message>
        <source>%1-bit inputs</source>
        <translation>%1 位输入</translation>
    </message>
    <message>
        <source>scales of %1 bits</source>
        <translation>%1 位缩放因子</translation>
    </message>
    <message>
        <source>threshold %1</source>
        <translation>阈值 %1</translation>
    </message>
    <message>
        <source>full precision</source>
        <translation>全精度</translation>
    </message>
    <message>
        <source>some layers otherwise</source>
        <translation>部分层不同</translation>
    </message>
    <message>
        <source>one row</source>
        <translation>一行</translation>
    </message>
    <message>
        <source>whole layer</source>
        <translation>整层</translation>
    </message>
</context>
<context>
    <name>Verdict</name>
    <message>
        <source>fine</source>
        <translation>良好</translation>
    </message>
    <message>
        <source>watch</source>
        <translation>留意</translation>
    </message>
    <message>
        <source>bad</source>
        <translation>差</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::AdviceModel</name>
    <message>
        <source>Weights %1, keys and values %2, activations %3, the program itself %4; the device has room for %5.</source>
        <translation>权重 %1，键和值 %2，激活 %3，程序自身 %4；设备可容纳 %5。</translation>
    </message>
    <message>
        <source>16 bits, as it is</source>
        <translation>16 位，保持原样</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <extracomment>A method and its scheme: &quot;GPTQ, 4-bit, groups of 128&quot;</extracomment>
        <translation>%1，%2</translation>
    </message>
    <message>
        <source>Weights, keys and values, activations, and what the program takes itself.</source>
        <translation>权重、键和值、激活，以及程序自身占用的内存。</translation>
    </message>
    <message>
        <source>Longest context that fits with this number of sequences, in tokens.</source>
        <translation>在此序列数下能容纳的最长上下文，以词元计。</translation>
    </message>
    <message>
        <source>Most sequences that fit with this context.</source>
        <translation>在此上下文下能容纳的最多序列数。</translation>
    </message>
    <message>
        <source>Rise of perplexity to expect, as it was measured on the model of the nearest size.</source>
        <translation>预期的困惑度上升，取自规模最接近的模型的实测值。</translation>
    </message>
    <message>
        <source>Method</source>
        <translation>方法</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>格式</translation>
    </message>
    <message>
        <source>Program</source>
        <translation>程序</translation>
    </message>
    <message>
        <source>Keys and values</source>
        <translation>键和值</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>内存</translation>
    </message>
    <message>
        <source>Longest context</source>
        <translation>最长上下文</translation>
    </message>
    <message>
        <source>Sequences</source>
        <translation>序列数</translation>
    </message>
    <message>
        <source>Perplexity</source>
        <translation>困惑度</translation>
    </message>
    <message>
        <source>%1, GPU</source>
        <translation>%1，GPU</translation>
    </message>
    <message>
        <source>%1, CPU</source>
        <translation>%1，CPU</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::AdvicePage</name>
    <message>
        <source>Use in new run</source>
        <translation>用于新任务</translation>
    </message>
    <message>
        <source>The recipe gets the method, scheme and format of the selected way; the wizard shows it</source>
        <translation>配方采用所选方案的方法、量化方式和格式；向导会显示它</translation>
    </message>
    <message>
        <source>Desktop: one user, other programs beside</source>
        <translation>桌面：单用户，同时运行其他程序</translation>
    </message>
    <message>
        <source>Server: many at once</source>
        <translation>服务器：多请求并发</translation>
    </message>
    <message>
        <source>Edge: a small device</source>
        <translation>边缘：小型设备</translation>
    </message>
    <message>
        <source>Balance of size and quality</source>
        <translation>兼顾大小与质量</translation>
    </message>
    <message>
        <source>Best quality that fits</source>
        <translation>放得下的最佳质量</translation>
    </message>
    <message>
        <source>Small</source>
        <translation>尽量小</translation>
    </message>
    <message>
        <source> tokens</source>
        <translation> 词元</translation>
    </message>
    <message>
        <source>Tokens of each sequence whose keys and values are kept.</source>
        <translation>每个序列保留键和值的词元数。</translation>
    </message>
    <message>
        <source>Sequences at once.</source>
        <translation>同时处理的序列数。</translation>
    </message>
    <message>
        <source>Any program</source>
        <translation>任意程序</translation>
    </message>
    <message>
        <source>Version %1, looked at on %2: %3</source>
        <translation>版本 %1，查阅于 %2：%3</translation>
    </message>
    <message>
        <source>The program that has to run it.</source>
        <translation>必须能运行它的程序。</translation>
    </message>
    <message>
        <source>&amp;What for</source>
        <translation>用途(&amp;W)</translation>
    </message>
    <message>
        <source>&amp;What counts</source>
        <translation>侧重(&amp;W)</translation>
    </message>
    <message>
        <source>&amp;Context</source>
        <translation>上下文(&amp;C)</translation>
    </message>
    <message>
        <source>&amp;Sequences at once</source>
        <translation>同时处理的序列(&amp;S)</translation>
    </message>
    <message>
        <source>&amp;Program</source>
        <translation>程序(&amp;P)</translation>
    </message>
    <message>
        <source>It has a &amp;GPU</source>
        <translation>有 &amp;GPU</translation>
    </message>
    <message>
        <source>Memory of the GPU.</source>
        <translation>GPU 的显存。</translation>
    </message>
    <message>
        <source>Memory of the machine. It begins with that of this one.</source>
        <translation>机器的内存。初始值为本机内存。</translation>
    </message>
    <message>
        <source>Memory of the GP&amp;U</source>
        <translation>GPU 显存(&amp;U)</translation>
    </message>
    <message>
        <source>&amp;Memory of the machine</source>
        <translation>机器内存(&amp;M)</translation>
    </message>
    <message>
        <source>Ways to run the model on the device, the best first</source>
        <translation>在该设备上运行模型的方案，最佳者在前</translation>
    </message>
    <message>
        <source>Open a model to see which ways suit the device.</source>
        <translation>打开模型，查看哪些方案适合该设备。</translation>
    </message>
    <message>
        <source>Reasons for the selected way</source>
        <translation>所选方案的理由</translation>
    </message>
    <message>
        <source>Nothing fits: %1 are missing. The nearest way is below.</source>
        <translation>没有方案放得下：还缺 %1。最接近的方案如下。</translation>
    </message>
    <message>
        <source>Take advice</source>
        <translation>采纳建议</translation>
    </message>
    <message>
        <source>The recipe now goes this way. Ctrl+Z takes it back.</source>
        <translation>配方已采用此方案。按 Ctrl+Z 可撤销。</translation>
    </message>
    <message>
        <source>Advice</source>
        <translation>建议</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::AnswerView</name>
    <message>
        <source>“%1”</source>
        <extracomment>A token in quotation marks</extracomment>
        <translation>“%1”</translation>
    </message>
    <message>
        <source>Completion</source>
        <translation>续写</translation>
    </message>
    <message>
        <source>The completion appears here.</source>
        <translation>续写的文字出现在这里。</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1：%2</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::BarPlot</name>
    <message>
        <source>%1: %2</source>
        <translation>%1：%2</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::BudgetModel</name>
    <message>
        <source>Squared error of the layer&apos;s output, relative to the output&apos;s energy.</source>
        <translation>该层输出的平方误差，相对于输出的能量。</translation>
    </message>
    <message>
        <source>KL divergence of the model to the plain one, in nats, with this layer alone quantized so.</source>
        <translation>仅将此层如此量化时，模型相对原模型的 KL 散度，单位 nat。</translation>
    </message>
    <message>
        <source>Share of this layer in the divergences of all.</source>
        <translation>此层在全部散度中所占的份额。</translation>
    </message>
    <message>
        <source>Layer</source>
        <translation>层</translation>
    </message>
    <message>
        <source>Weights</source>
        <translation>权重</translation>
    </message>
    <message>
        <source>Bits</source>
        <translation>位数</translation>
    </message>
    <message>
        <source>Group size</source>
        <translation>分组大小</translation>
    </message>
    <message>
        <source>Output error</source>
        <translation>输出误差</translation>
    </message>
    <message>
        <source>KL divergence</source>
        <translation>KL 散度</translation>
    </message>
    <message>
        <source>Share of it</source>
        <translation>所占份额</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::BudgetPage</name>
    <message>
        <source>Measure layers</source>
        <translation>测量各层</translation>
    </message>
    <message>
        <source>Quantizes every layer alone and measures what that does to the model&apos;s predictions</source>
        <translation>逐层单独量化，并测量这对模型预测的影响</translation>
    </message>
    <message>
        <source>Use in recipe</source>
        <translation>用于配方</translation>
    </message>
    <message>
        <source>The recipe gets these schemes, most as its own and the others as overrides</source>
        <translation>配方采用这些量化方式：最常见的作为主设置，其余作为覆盖项</translation>
    </message>
    <message>
        <source>Bits of one weight&apos;s code that a layer may get. Layers have to be measured again after a change.</source>
        <translation>各层可选的权重编码位数。更改后须重新测量各层。</translation>
    </message>
    <message>
        <source>Group sizes (group_size) that a layer may get. Layers have to be measured again after a change.</source>
        <translation>各层可选的分组大小 (group_size)。更改后须重新测量各层。</translation>
    </message>
    <message>
        <source>A program that has to load the result: only what it loads is chosen from.</source>
        <translation>必须能加载结果的程序：只从它能加载的方式中选择。</translation>
    </message>
    <message>
        <source>B&amp;its to choose from</source>
        <translation>可选位数(&amp;I)</translation>
    </message>
    <message>
        <source>&amp;Group sizes to choose from</source>
        <translation>可选分组大小(&amp;G)</translation>
    </message>
    <message>
        <source>Must load &amp;in</source>
        <translation>须能加载于(&amp;I)</translation>
    </message>
    <message>
        <source>Bits per weight</source>
        <translation>每权重位数</translation>
    </message>
    <message>
        <source>Size of the files</source>
        <translation>文件大小</translation>
    </message>
    <message>
        <source>Memory while it runs</source>
        <translation>运行时内存</translation>
    </message>
    <message>
        <source>Rise of perplexity</source>
        <translation>困惑度上升</translation>
    </message>
    <message>
        <source>What must not be exceeded.</source>
        <translation>不得超过的限度。</translation>
    </message>
    <message>
        <source>Stored bits of one weight of the quantized layers, scales and zero points included.</source>
        <translation>量化层每个权重的存储位数，包括缩放和零点。</translation>
    </message>
    <message>
        <source>Bytes of the exported tensor files.</source>
        <translation>导出的张量文件的字节数。</translation>
    </message>
    <message>
        <source>Weights, keys and values, and activations of one step.</source>
        <translation>权重、键和值，以及一步的激活。</translation>
    </message>
    <message>
        <source> tokens</source>
        <translation> 词元</translation>
    </message>
    <message>
        <source>Tokens of each sequence whose keys and values are kept.</source>
        <translation>每个序列保留键和值的词元数。</translation>
    </message>
    <message>
        <source>Sequences at once.</source>
        <translation>同时处理的序列数。</translation>
    </message>
    <message>
        <source>The smallest mix whose perplexity rises by no more, as far as can be predicted.</source>
        <translation>预测困惑度上升不超过此值的最小混合方案。</translation>
    </message>
    <message>
        <source>&amp;Budget</source>
        <translation>预算(&amp;B)</translation>
    </message>
    <message>
        <source>At most so &amp;many bits per weight</source>
        <translation>每权重位数上限(&amp;M)</translation>
    </message>
    <message>
        <source>Files no larger &amp;than</source>
        <translation>文件不大于(&amp;T)</translation>
    </message>
    <message>
        <source>&amp;Memory no more than</source>
        <translation>内存不超过(&amp;M)</translation>
    </message>
    <message>
        <source>&amp;Context</source>
        <translation>上下文(&amp;C)</translation>
    </message>
    <message>
        <source>&amp;Sequences at once</source>
        <translation>同时处理的序列(&amp;S)</translation>
    </message>
    <message>
        <source>&amp;Keys and values</source>
        <translation>键和值(&amp;K)</translation>
    </message>
    <message>
        <source>&amp;Perplexity rises by at most</source>
        <translation>困惑度上升不超过(&amp;P)</translation>
    </message>
    <message>
        <source>Codes, scales and zero points of the quantized layers, divided by their weights.</source>
        <translation>量化层的编码、缩放和零点，除以其权重数。</translation>
    </message>
    <message>
        <source>Files</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>Bytes of the tensor files that the export would write.</source>
        <translation>导出将写入的张量文件的字节数。</translation>
    </message>
    <message>
        <source>KL divergence</source>
        <translation>KL 散度</translation>
    </message>
    <message>
        <source>To the plain model, in nats for each token, predicted from the layers&apos; own. 0: the same predictions.</source>
        <translation>相对原模型，每词元的 nat 数，由各层自身的散度预测。0 表示预测相同。</translation>
    </message>
    <message>
        <source>Perplexity</source>
        <translation>困惑度</translation>
    </message>
    <message>
        <source>Predicted rise, on text like the calibration text.</source>
        <translation>在与校准文本相似的文本上预测的上升。</translation>
    </message>
    <message>
        <source>What each size costs</source>
        <translation>各种大小的代价</translation>
    </message>
    <message>
        <source>Files (MiB)</source>
        <translation>文件 (MiB)</translation>
    </message>
    <message>
        <source>KL divergence (nats)</source>
        <translation>KL 散度 (nat)</translation>
    </message>
    <message>
        <source>Measure the layers once; after that every budget is answered at once.</source>
        <translation>只需测量各层一次，此后任何预算都能立即得到答案。</translation>
    </message>
    <message>
        <source>Layers and their schemes</source>
        <translation>各层及其量化方式</translation>
    </message>
    <message>
        <source>The layers appear here with the scheme that each gets.</source>
        <translation>各层及其得到的量化方式将显示在这里。</translation>
    </message>
    <message>
        <source>The recipe has no calibration text: choose one in the wizard. Layers are measured on it.</source>
        <translation>配方没有校准文本：请在向导中选择。各层在其上测量。</translation>
    </message>
    <message>
        <source>%1, for the format %2, measured on the recipe&apos;s calibration text.</source>
        <translation>%1，用于格式 %2，在配方的校准文本上测量。</translation>
    </message>
    <message>
        <source>Any program</source>
        <translation>任意程序</translation>
    </message>
    <message>
        <source>The recipe&apos;s method, format or calibration text is another since: measure again.</source>
        <translation>此后配方的方法、格式或校准文本已更改：请重新测量。</translation>
    </message>
    <message>
        <source>%1 less divergence than %2 in all layers, the best single scheme that is no larger (%3).</source>
        <translation>散度比所有层均为“%2”低 %1，后者是不更大的最佳单一方式 (%3)。</translation>
    </message>
    <message>
        <source>Best mixes</source>
        <translation>最佳混合</translation>
    </message>
    <message>
        <source>One scheme for all layers</source>
        <translation>所有层用同一方式</translation>
    </message>
    <message>
        <source>This budget</source>
        <translation>当前预算</translation>
    </message>
    <message>
        <source>KL divergence of the best mix of schemes for each size, from %1 to %2.</source>
        <translation>从 %1 到 %2，各种大小下最佳混合方式的 KL 散度。</translation>
    </message>
    <message>
        <source>Schemes for a budget</source>
        <translation>按预算选择量化方式</translation>
    </message>
    <message>
        <source>The recipe now uses these schemes. Ctrl+Z takes them back.</source>
        <translation>配方已采用这些量化方式。按 Ctrl+Z 可撤销。</translation>
    </message>
    <message>
        <source>Budget</source>
        <translation>预算</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::CacheFields</name>
    <message>
        <source>Choose…</source>
        <translation>选择…</translation>
    </message>
    <message>
        <source>Empty it</source>
        <translation>清空</translation>
    </message>
    <message>
        <source>Where statistics of calibrations and scores of comparisons are kept, so that nothing is computed twice</source>
        <translation>校准的统计量和比较的分数保存在这里，避免重复计算</translation>
    </message>
    <message>
        <source>Choose a folder for the cache</source>
        <translation>选择缓存文件夹</translation>
    </message>
    <message>
        <source>No limit</source>
        <translation>不限</translation>
    </message>
    <message>
        <source>What is not used for the longest goes when something new comes</source>
        <translation>有新内容时，最久未用的先被删除</translation>
    </message>
    <message>
        <source>Removes all that nobody uses just now; it is computed again when it is needed</source>
        <translation>删除当前无人使用的全部内容；需要时会重新计算</translation>
    </message>
    <message>
        <source>Empty the cache</source>
        <translation>清空缓存</translation>
    </message>
    <message>
        <source>%1 kept</source>
        <translation>已存 %1</translation>
    </message>
    <message>
        <source>%1 kept; what is in use stays</source>
        <translation>已存 %1；正在使用的保留</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::CalibrationStep</name>
    <message>
        <source>Calibration text</source>
        <translation>校准文本</translation>
    </message>
    <message>
        <source>Which text shows what the model is used for?</source>
        <translation>哪段文本能代表模型的用途？</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>选择…</translation>
    </message>
    <message>
        <source>Choose a text file</source>
        <translation>选择文本文件</translation>
    </message>
    <message>
        <source>Text &amp;file or folder</source>
        <translation>文本文件或文件夹(&amp;F)</translation>
    </message>
    <message>
        <source>Use the bundled text</source>
        <translation>使用自带文本</translation>
    </message>
    <message>
        <source>Use none</source>
        <translation>不使用</translation>
    </message>
    <message>
        <source>&amp;Samples</source>
        <translation>样本数(&amp;S)</translation>
    </message>
    <message>
        <source>Rows or windows of text that go through the model</source>
        <translation>送入模型的文本行数或窗口数</translation>
    </message>
    <message>
        <source>&amp;Length, tokens</source>
        <translation>长度，词元(&amp;L)</translation>
    </message>
    <message>
        <source>A sample is cut after so many tokens</source>
        <translation>每个样本在此词元数处截断</translation>
    </message>
    <message>
        <source>S&amp;eed</source>
        <translation>随机种子(&amp;E)</translation>
    </message>
    <message>
        <source>0 takes the first rows; any other number a repeatable choice of rows</source>
        <translation>0 取最前面的行；其他数字表示可重复的随机选择</translation>
    </message>
    <message>
        <source>first rows</source>
        <translation>最前面的行</translation>
    </message>
    <message>
        <source>How it &amp;begins</source>
        <translation>开头部分(&amp;B)</translation>
    </message>
    <message>
        <source>This method needs a calibration text.</source>
        <translation>此方法需要校准文本。</translation>
    </message>
    <message>
        <source>Choose calibration text</source>
        <translation>选择校准文本</translation>
    </message>
    <message>
        <source>Change calibration samples</source>
        <translation>更改校准样本</translation>
    </message>
    <message>
        <source>Without a text, errors are measured on the weights alone.</source>
        <translation>没有文本时，误差只按权重计算。</translation>
    </message>
    <message>
        <source>Reading …</source>
        <translation>正在读取…</translation>
    </message>
    <message>
        <source>%1 samples with %2 tokens together, the shortest %3, the longest %4.</source>
        <translation>%1 个样本，共 %2 个词元，最短 %3，最长 %4。</translation>
    </message>
    <message>
        <source>Type questions…</source>
        <translation>输入问题…</translation>
    </message>
    <message>
        <source>Write questions and answers like those that the model will get</source>
        <translation>写下模型将会遇到的问题及其答案</translation>
    </message>
    <message>
        <source>A .txt, .jsonl, .json, .csv or .arrow file (also .gz or .zst) or a folder of them. FILE#field picks a field of each row. Parquet has to be turned into .jsonl first. The names wikitext, alpaca, c4 and custom stand for files in the data folder.</source>
        <translation>一个 .txt、.jsonl、.json、.csv 或 .arrow 文件（也可为 .gz 或 .zst），或装有这些文件的文件夹。FILE#field 选取每行的一个字段。Parquet 需先转成 .jsonl。名称 wikitext、alpaca、c4 和 custom 代表数据文件夹中的文件。</translation>
    </message>
    <message>
        <source>The first rows as the model gets them; conversations through its chat template</source>
        <translation>模型所见的前几行；对话经其对话模板渲染</translation>
    </message>
    <message>
        <source>Lengths of the rows</source>
        <translation>各行的长度</translation>
    </message>
    <message>
        <source>Tokens of a row</source>
        <translation>每行词元数</translation>
    </message>
    <message>
        <source>Rows</source>
        <translation>行数</translation>
    </message>
    <message>
        <source>How long the rows are shows when a text is chosen.</source>
        <translation>选择文本后显示各行的长度。</translation>
    </message>
    <message>
        <source>Rows of the text</source>
        <translation>文本的各行</translation>
    </message>
    <message>
        <source>As GPTQ: windows anywhere in the text</source>
        <translation>同 GPTQ：文本中任意位置的窗口</translation>
    </message>
    <message>
        <source>As AWQ: the first rows, joined and cut</source>
        <translation>同 AWQ：最前面的行，连接后切块</translation>
    </message>
    <message>
        <source>As lmdeploy: windows of long rows</source>
        <translation>同 lmdeploy：较长行中的窗口</translation>
    </message>
    <message>
        <source>Cho&amp;ice</source>
        <translation>选取方式(&amp;I)</translation>
    </message>
    <message>
        <source>How samples are chosen (calibration.select): as another tool does, to compare with it</source>
        <translation>样本的选取方式（calibration.select）：与其他工具相同，便于比较</translation>
    </message>
    <message>
        <source>Lengths of the rows: %1 rows, median %2 tokens, longest %3</source>
        <translation>各行的长度：%1 行，中位数 %2 词元，最长 %3</translation>
    </message>
    <message>
        <source>Texts (*.txt *.jsonl *.json *.csv *.arrow *.gz *.zst)</source>
        <translation>文本 (*.txt *.jsonl *.json *.csv *.arrow *.gz *.zst)</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::ChannelModel</name>
    <message>
        <source>Channel</source>
        <translation>通道</translation>
    </message>
    <message>
        <source>Largest</source>
        <translation>最大值</translation>
    </message>
    <message>
        <source>Times the median</source>
        <translation>中位数的倍数</translation>
    </message>
    <message>
        <source>At token</source>
        <translation>所在词元</translation>
    </message>
    <message>
        <source>After smoothing</source>
        <translation>平滑后</translation>
    </message>
    <message>
        <source>Column of the weight, from 0</source>
        <translation>权重的列，从 0 起</translation>
    </message>
    <message>
        <source>Largest magnitude over all tokens</source>
        <translation>所有词元上的最大绝对值</translation>
    </message>
    <message>
        <source>Over the median of what all channels have as their largest</source>
        <translation>与所有通道各自最大值的中位数之比</translation>
    </message>
    <message>
        <source>Token of the text at which it is largest, from 0</source>
        <translation>取得最大值的词元在文本中的位置，从 0 起</translation>
    </message>
    <message>
        <source>Largest magnitude divided by the scale that the newest run folded in</source>
        <translation>最大绝对值除以最近一次运行折入的缩放因子</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::ComparePage</name>
    <message>
        <source>Compare</source>
        <translation>比较</translation>
    </message>
    <message>
        <source>Run all models over the same text</source>
        <translation>让所有模型处理同一段文本</translation>
    </message>
    <message>
        <source>Add model…</source>
        <translation>添加模型…</translation>
    </message>
    <message>
        <source>Add a model folder as one more column</source>
        <translation>把一个模型文件夹加为新的一列</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>Take the selected model out of the comparison; its folder stays</source>
        <translation>从比较中移除所选模型；文件夹不变</translation>
    </message>
    <message>
        <source>Make base</source>
        <translation>设为基准</translation>
    </message>
    <message>
        <source>Compare the others with the selected model</source>
        <translation>以所选模型为基准与其他模型比较</translation>
    </message>
    <message>
        <source>&amp;Models, base first</source>
        <translation>模型，基准在前(&amp;M)</translation>
    </message>
    <message>
        <source>Drag to change the order. The first model is the one that the others are compared with.</source>
        <translation>拖动可改变顺序。其他模型都与第一个模型比较。</translation>
    </message>
    <message>
        <source> tokens</source>
        <translation> 词元</translation>
    </message>
    <message>
        <source>Figures of the compared models</source>
        <translation>所比较模型的各项数据</translation>
    </message>
    <message>
        <source>Quality against size</source>
        <translation>质量与大小</translation>
    </message>
    <message>
        <source>Weights in memory (MiB)</source>
        <translation>内存中的权重 (MiB)</translation>
    </message>
    <message>
        <source>Perplexity</source>
        <translation>困惑度</translation>
    </message>
    <message>
        <source>Compare two models to see what their size buys.</source>
        <translation>比较两个模型，看大小换来了什么质量。</translation>
    </message>
    <message>
        <source>Quality</source>
        <translation>质量</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>内存</translation>
    </message>
    <message>
        <source>&amp;Batch</source>
        <translation>批大小(&amp;B)</translation>
    </message>
    <message>
        <source>&amp;Context</source>
        <translation>上下文(&amp;C)</translation>
    </message>
    <message>
        <source>Memory by batch and context</source>
        <translation>按批大小和上下文的内存</translation>
    </message>
    <message>
        <source>Memory (MiB)</source>
        <translation>内存 (MiB)</translation>
    </message>
    <message>
        <source>Compare models to see what they need in memory.</source>
        <translation>比较模型，看各需多少内存。</translation>
    </message>
    <message numerus="yes">
        <source>%n model(s) over the same windows</source>
        <translation>
            <numerusform>%n 个模型，相同窗口</numerusform>
        </translation>
    </message>
    <message>
        <source>Add model folder</source>
        <translation>添加模型文件夹</translation>
    </message>
    <message>
        <source>Add at least two models, choose a text and press Compare: every model is measured on the same windows, and each difference comes with its standard error.</source>
        <translation>至少添加两个模型，选择文本并按“比较”：所有模型在相同窗口上衡量，每个差值都带标准误差。</translation>
    </message>
    <message>
        <source>Weights</source>
        <translation>权重</translation>
    </message>
    <message>
        <source>KV cache</source>
        <translation>KV 缓存</translation>
    </message>
    <message>
        <source>Measure anew</source>
        <translation>重新测量</translation>
    </message>
    <message>
        <source>Run all models again, also where their scores of these windows are kept from an earlier comparison</source>
        <translation>重新运行所有模型，即使先前的比较已保存它们在这些窗口上的得分</translation>
    </message>
    <message>
        <source>Tokens</source>
        <translation>词元</translation>
    </message>
    <message>
        <source>Texts</source>
        <translation>文本</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>速度</translation>
    </message>
    <message>
        <source>Tensors</source>
        <translation>张量</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::ComparisonForm</name>
    <message>
        <source>A .txt, .jsonl, .csv or .arrow file</source>
        <translation>.txt、.jsonl、.csv 或 .arrow 文件</translation>
    </message>
    <message>
        <source>The text that all models are measured on. It should not be the calibration text.</source>
        <translation>用于衡量所有模型的文本，不应是校准文本。</translation>
    </message>
    <message>
        <source>&amp;Text</source>
        <translation>文本(&amp;T)</translation>
    </message>
    <message>
        <source>&amp;Keys and values</source>
        <translation>键和值(&amp;K)</translation>
    </message>
    <message>
        <source>&amp;Protocol</source>
        <translation>协议(&amp;P)</translation>
    </message>
    <message>
        <source>Window &amp;length</source>
        <translation>窗口长度(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;Stride</source>
        <translation>步长(&amp;S)</translation>
    </message>
    <message>
        <source>&amp;Windows</source>
        <translation>窗口数(&amp;W)</translation>
    </message>
    <message>
        <source>Choice &amp;questions</source>
        <translation>选择题(&amp;Q)</translation>
    </message>
    <message>
        <source>Answers are chosen</source>
        <translation>答案选择方式</translation>
    </message>
    <message>
        <source>&amp;Examples before each</source>
        <translation>每题前的示例数(&amp;E)</translation>
    </message>
    <message>
        <source>&amp;Prompts</source>
        <translation>提示(&amp;P)</translation>
    </message>
    <message>
        <source>&amp;New tokens</source>
        <translation>新词元数(&amp;N)</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::ComparisonModel</name>
    <message>
        <source>%1 (base)</source>
        <translation>%1（基准）</translation>
    </message>
    <message>
        <source>Scheme</source>
        <translation>方案</translation>
    </message>
    <message>
        <source>Bits per weight</source>
        <translation>每权重位数</translation>
    </message>
    <message>
        <source>Size on disk</source>
        <translation>磁盘大小</translation>
    </message>
    <message>
        <source>Weights in memory</source>
        <translation>内存中的权重</translation>
    </message>
    <message>
        <source>Peak memory, measured</source>
        <translation>内存峰值（实测）</translation>
    </message>
    <message>
        <source>KV cache per token</source>
        <translation>每词元 KV Cache</translation>
    </message>
    <message>
        <source>Perplexity</source>
        <translation>困惑度</translation>
    </message>
    <message>
        <source>Difference to the base</source>
        <translation>与基准之差</translation>
    </message>
    <message>
        <source>KL divergence, mean (nats)</source>
        <translation>KL 散度，均值 (nats)</translation>
    </message>
    <message>
        <source>KL divergence, 99 % (nats)</source>
        <translation>KL 散度，99 % (nats)</translation>
    </message>
    <message>
        <source>Same top token</source>
        <translation>首选词元相同</translation>
    </message>
    <message>
        <source>Speed (tokens/s)</source>
        <translation>速度（词元/秒）</translation>
    </message>
    <message>
        <source>How the weights of the linear layers are stored.</source>
        <translation>线性层权重的存储方式。</translation>
    </message>
    <message>
        <source>Stored bits of the linear layers, scales and zero points included, divided by their weights.</source>
        <translation>线性层的存储位数（含缩放因子和零点）除以权重个数。</translation>
    </message>
    <message>
        <source>Bytes of the tensor files.</source>
        <translation>张量文件的字节数。</translation>
    </message>
    <message>
        <source>Bytes of the weights while the model runs here.</source>
        <translation>模型在此运行时权重占用的字节数。</translation>
    </message>
    <message>
        <source>Highest resident memory while this model alone was loaded and ran its first window.</source>
        <translation>单独加载此模型并运行第一个窗口时的最高常驻内存。</translation>
    </message>
    <message>
        <source>Keys and values of one token over all layers, in half precision.</source>
        <translation>一个词元在所有层的键和值，半精度。</translation>
    </message>
    <message>
        <source>Exponential of the mean negative log likelihood of a token, with its standard error. Lower is better.</source>
        <translation>每词元平均负对数似然的指数，附标准误差。越低越好。</translation>
    </message>
    <message>
        <source>Perplexity minus that of the base over the same windows; the standard error is that of the paired difference.</source>
        <translation>在相同窗口上的困惑度减去基准的困惑度；标准误差按配对差计算。</translation>
    </message>
    <message>
        <source>How far the model&apos;s next-token probabilities are from the base&apos;s, averaged over all tokens. Zero: the same.</source>
        <translation>模型的下一词元概率与基准的距离，对所有词元取平均。零表示相同。</translation>
    </message>
    <message>
        <source>The KL divergence that 99 of 100 tokens stay below.</source>
        <translation>100 个词元中有 99 个低于此 KL 散度。</translation>
    </message>
    <message>
        <source>Share of tokens for which the most likely next token is the base&apos;s.</source>
        <translation>最可能的下一词元与基准相同的词元占比。</translation>
    </message>
    <message>
        <source>Tokens evaluated in a second on this machine.</source>
        <translation>本机每秒评估的词元数。</translation>
    </message>
    <message>
        <source>base</source>
        <translation>基准</translation>
    </message>
    <message>
        <source>Choice questions, right</source>
        <translation>选择题正确率</translation>
    </message>
    <message>
        <source>Share of the choice questions answered right, with its interval of 95 % (Wilson). Chance is one over the options.</source>
        <translation>选择题答对的比例及其 95 % 置信区间（Wilson）。随机猜测为选项数的倒数。</translation>
    </message>
    <message>
        <source>%1 of %2, %3 tokens</source>
        <extracomment>Of all prompts; after how many tokens texts part</extracomment>
        <translation>%2 中的 %1，%3 个词元</translation>
    </message>
    <message>
        <source>Same texts</source>
        <translation>相同文本</translation>
    </message>
    <message>
        <source>Repetition in texts</source>
        <translation>文本中的重复</translation>
    </message>
    <message>
        <source>Prompts after which the model writes what the base does, and after how many tokens half of the texts have parted.</source>
        <translation>模型与基准生成相同内容的提示数，以及半数文本在多少个词元后分歧。</translation>
    </message>
    <message>
        <source>Share of runs of four tokens that stand earlier in the same text.</source>
        <translation>同一文本中先前已出现的四词元片段所占的比例。</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::CompletionColumn</name>
    <message>
        <source>Models that were opened, made or dropped here</source>
        <translation>打开过、生成或拖放到此处的模型</translation>
    </message>
    <message>
        <source>Loading the model, %1</source>
        <translation>正在加载模型，%1</translation>
    </message>
    <message>
        <source>Stopped</source>
        <translation>已停止</translation>
    </message>
    <message>
        <source>Working…</source>
        <translation>正在进行…</translation>
    </message>
    <message numerus="yes">
        <source>%n token(s), %1 tokens/s, first after %2</source>
        <translation>
            <numerusform>%n 个词元，%1 词元/秒，首个用时 %2</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 of weights, %2 of keys and values</source>
        <translation>权重 %1，键和值 %2</translation>
    </message>
    <message numerus="yes">
        <source>the oldest %n question(s) and answers were left away</source>
        <translation>
            <numerusform>最早的 %n 轮问答已略去</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::CostStep</name>
    <message>
        <source>Estimate</source>
        <translation>估计</translation>
    </message>
    <message>
        <source>&amp;Stop at the first finding</source>
        <translation>遇到第一个发现即停止(&amp;S)</translation>
    </message>
    <message>
        <source>all</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>Fastest here</source>
        <translation>本机最快</translation>
    </message>
    <message>
        <source>f32: slower, exact</source>
        <translation>f32：较慢，精确</translation>
    </message>
    <message>
        <source>bf16: faster</source>
        <translation>bf16：较快</translation>
    </message>
    <message>
        <source>T&amp;hreads</source>
        <translation>线程数(&amp;H)</translation>
    </message>
    <message>
        <source>Cores that work at once; the result is the same for any number</source>
        <translation>同时工作的核心数；任何数目结果都相同</translation>
    </message>
    <message>
        <source>&amp;Arithmetic</source>
        <translation>运算精度(&amp;A)</translation>
    </message>
    <message>
        <source>Number format of matrix products</source>
        <translation>矩阵乘法的数值格式</translation>
    </message>
    <message>
        <source>See&amp;d</source>
        <translation>随机种子(&amp;D)</translation>
    </message>
    <message>
        <source>The same seed gives the same bytes</source>
        <translation>相同的种子得到相同的字节</translation>
    </message>
    <message>
        <source>A finding that would be a warning ends the run (strict)</source>
        <translation>达到警告级别的发现会结束运行（严格）</translation>
    </message>
    <message>
        <source>Change threads</source>
        <translation>更改线程数</translation>
    </message>
    <message>
        <source>Change seed</source>
        <translation>更改种子</translation>
    </message>
    <message>
        <source>Change arithmetic</source>
        <translation>更改运算精度</translation>
    </message>
    <message>
        <source>Change strictness</source>
        <translation>更改严格程度</translation>
    </message>
    <message>
        <source>How much of the machine may it take?</source>
        <translation>可以占用多少机器资源？</translation>
    </message>
    <message>
        <source>Stop where the &amp;GPU does not suffice</source>
        <translation>GPU 不够用时停止(&amp;G)</translation>
    </message>
    <message>
        <source>Processor</source>
        <translation>处理器</translation>
    </message>
    <message>
        <source>GPU if there is one</source>
        <translation>有 GPU 就用 GPU</translation>
    </message>
    <message>
        <source>what is free</source>
        <translation>空闲部分</translation>
    </message>
    <message>
        <source> GiB</source>
        <translation> GiB</translation>
    </message>
    <message>
        <source>The run can be resumed then; otherwise it goes on on the processor, with a finding</source>
        <translation>之后可以继续该运行；否则改在处理器上继续，并记录一条发现</translation>
    </message>
    <message>
        <source>De&amp;vice</source>
        <translation>设备(&amp;V)</translation>
    </message>
    <message>
        <source>What computes; devices differ by the order of sums, so single codes may differ</source>
        <translation>由什么来计算；各设备求和的顺序不同，因此个别编码可能不同</translation>
    </message>
    <message>
        <source>GPU &amp;memory</source>
        <translation>显存(&amp;M)</translation>
    </message>
    <message>
        <source>What of a GPU&apos;s memory may be used; else nine tenths of what is free</source>
        <translation>可以使用多少显存；不设置时为空闲部分的十分之九</translation>
    </message>
    <message>
        <source>Change device</source>
        <translation>更改设备</translation>
    </message>
    <message>
        <source>Change memory of the GPU</source>
        <translation>更改显存</translation>
    </message>
    <message>
        <source>Change what follows a failure</source>
        <translation>更改失败后的处理</translation>
    </message>
    <message>
        <source>No GPU computes here: found %1.</source>
        <translation>这里没有 GPU 可用于计算：%1。</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::DifferenceModel</name>
    <message>
        <source>Tensor</source>
        <translation>张量</translation>
    </message>
    <message>
        <source>Shape</source>
        <translation>形状</translation>
    </message>
    <message>
        <source>In the base</source>
        <translation>基准中</translation>
    </message>
    <message>
        <source>In the other</source>
        <translation>另一个中</translation>
    </message>
    <message>
        <source>Difference</source>
        <translation>差异</translation>
    </message>
    <message>
        <source>Largest</source>
        <translation>最大</translation>
    </message>
    <message>
        <source>Cosine</source>
        <translation>余弦</translation>
    </message>
    <message>
        <source>Root of the sum of squared differences by that of the base&apos;s squares</source>
        <translation>差的平方和与基准平方和之比的平方根</translation>
    </message>
    <message>
        <source>The largest difference of two values</source>
        <translation>两个数值之间的最大差</translation>
    </message>
    <message>
        <source>Of the angle between both tensors as vectors: 1 where only the length differs</source>
        <translation>两个张量作为向量的夹角余弦：仅长度不同时为 1</translation>
    </message>
    <message>
        <source>equal</source>
        <translation>相同</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::DifferenceView</name>
    <message>
        <source>Compare &amp;tensors</source>
        <translation>比较张量(&amp;T)</translation>
    </message>
    <message>
        <source>Fol&amp;der</source>
        <translation>文件夹(&amp;D)</translation>
    </message>
    <message>
        <source>Reads every tensor of the base and of this folder, quantized ones dequantized</source>
        <translation>读取基准和此文件夹的每个张量，量化的先反量化</translation>
    </message>
    <message>
        <source>Differences of tensors</source>
        <translation>张量的差异</translation>
    </message>
    <message>
        <source>Choose a folder and press Compare tensors to see what was changed in it.</source>
        <translation>选择文件夹并点击“比较张量”，查看其中改变了什么。</translation>
    </message>
    <message>
        <source>%1 beside %2: %3 of %4 tensors are equal.</source>
        <translation>%1 与 %2 相比：%4 个张量中有 %3 个相同。</translation>
    </message>
    <message>
        <source>Only in the base: %1.</source>
        <translation>仅在基准中：%1。</translation>
    </message>
    <message>
        <source>Only in the other: %1.</source>
        <translation>仅在另一个中：%1。</translation>
    </message>
    <message>
        <source>Of another shape: %1.</source>
        <translation>形状不同：%1。</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::DropHint</name>
    <message>
        <source>Drop to open</source>
        <translation>松开即打开</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::EstimatePanel</name>
    <message>
        <source>Result</source>
        <translation>结果</translation>
    </message>
    <message>
        <source>Tensor files of the result, exact</source>
        <translation>结果的张量文件，精确值</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>内存</translation>
    </message>
    <message>
        <source>The most memory in use at one time</source>
        <translation>同一时刻占用的最多内存</translation>
    </message>
    <message>
        <source>Disk</source>
        <translation>磁盘</translation>
    </message>
    <message>
        <source>Space needed while it runs: the result and cached statistics</source>
        <translation>运行时所需空间：结果和缓存的统计量</translation>
    </message>
    <message>
        <source>What it will cost</source>
        <translation>所需资源</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Bits per weight</source>
        <translation>每权重位数</translation>
    </message>
    <message>
        <source>Open a model to see size, memory, disk and time.</source>
        <translation>打开模型以查看大小、内存、磁盘和时间。</translation>
    </message>
    <message>
        <source>%1 of the model&apos;s %2</source>
        <translation>%1，模型为 %2</translation>
    </message>
    <message>
        <source>of %1 free on this machine</source>
        <translation>本机可用 %1</translation>
    </message>
    <message>
        <source>of %1 free in the output folder</source>
        <translation>输出文件夹可用 %1</translation>
    </message>
    <message>
        <source>%1: %2.</source>
        <translation>%1：%2。</translation>
    </message>
    <message>
        <source>%1: %2. %3.</source>
        <translation>%1：%2。%3。</translation>
    </message>
    <message>
        <source>GPU memory</source>
        <translation>GPU 显存</translation>
    </message>
    <message>
        <source>The most of the GPU&apos;s memory in use at one time, at full speed</source>
        <translation>全速运行时同一时刻占用 GPU 显存的最大值</translation>
    </message>
    <message>
        <source>From the model&apos;s sizes and from speeds measured on this machine&apos;s processor; a GPU is faster.</source>
        <translation>根据模型大小和在本机处理器上测得的速度估算；使用 GPU 会更快。</translation>
    </message>
    <message>
        <source>From the model&apos;s sizes and from speeds measured on this machine.</source>
        <translation>根据模型大小和在本机测得的速度估算。</translation>
    </message>
    <message>
        <source>of %1; with less, in smaller steps</source>
        <translation>共 %1；显存较少时分更小的步骤进行</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::EvaluateStep</name>
    <message>
        <source>Evaluate</source>
        <translation>评估</translation>
    </message>
    <message>
        <source>What shall be measured afterwards?</source>
        <translation>之后要测量什么？</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>选择…</translation>
    </message>
    <message>
        <source>Choose a text to measure with</source>
        <translation>选择用于测量的文本</translation>
    </message>
    <message>
        <source>&amp;Text to measure with</source>
        <translation>用于测量的文本(&amp;T)</translation>
    </message>
    <message>
        <source>After the run, the result and the original predict this text; perplexity and divergence say how much was lost. Take another text than for calibration. Empty: nothing is measured</source>
        <translation>任务完成后，结果和原模型都预测此文本；困惑度和散度说明损失了多少。请使用不同于校准的文本。留空则不测量</translation>
    </message>
    <message>
        <source>Use the bundled text</source>
        <translation>使用自带文本</translation>
    </message>
    <message>
        <source>Use none</source>
        <translation>不使用</translation>
    </message>
    <message>
        <source>Choose text to measure with</source>
        <translation>选择用于测量的文本</translation>
    </message>
    <message>
        <source>&amp;Protocol</source>
        <translation>协议(&amp;P)</translation>
    </message>
    <message>
        <source>&amp;Keys and values</source>
        <translation>键和值(&amp;K)</translation>
    </message>
    <message>
        <source>How else they are kept while it is measured; none: in 16 bits</source>
        <translation>测量时另以何种方式保存；不选则为 16 位</translation>
    </message>
    <message>
        <source>&amp;Window</source>
        <translation>窗口(&amp;W)</translation>
    </message>
    <message>
        <source>St&amp;ride</source>
        <translation>步长(&amp;R)</translation>
    </message>
    <message>
        <source>Wi&amp;ndows</source>
        <translation>窗口数(&amp;N)</translation>
    </message>
    <message>
        <source>Change protocol</source>
        <translation>更改协议</translation>
    </message>
    <message>
        <source>Choose KV caches to measure with</source>
        <translation>选择用于测量的 KV 缓存</translation>
    </message>
    <message>
        <source>Choose questions</source>
        <translation>选择题目</translation>
    </message>
    <message>
        <source>Choice &amp;questions</source>
        <translation>选择题(&amp;Q)</translation>
    </message>
    <message>
        <source>Answers are chosen</source>
        <translation>答案选择方式</translation>
    </message>
    <message>
        <source>&amp;Examples before each</source>
        <translation>每题前的示例数(&amp;E)</translation>
    </message>
    <message>
        <source>Change questions</source>
        <translation>更改题目</translation>
    </message>
    <message>
        <source>Choose prompts</source>
        <translation>选择提示</translation>
    </message>
    <message>
        <source>Pro&amp;mpts</source>
        <translation>提示(&amp;M)</translation>
    </message>
    <message>
        <source>Tokens to &amp;write</source>
        <translation>要写的词元数(&amp;W)</translation>
    </message>
    <message>
        <source>Change prompts</source>
        <translation>更改提示</translation>
    </message>
    <message>
        <source>Texts (*.txt *.jsonl *.json *.csv *.arrow *.gz *.zst)</source>
        <translation>文本 (*.txt *.jsonl *.json *.csv *.arrow *.gz *.zst)</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::FindingModel</name>
    <message>
        <source>Note</source>
        <translation>提示</translation>
    </message>
    <message>
        <source>Watch</source>
        <translation>留意</translation>
    </message>
    <message>
        <source>Bad</source>
        <translation>差</translation>
    </message>
    <message>
        <source>Verdict</source>
        <translation>评价</translation>
    </message>
    <message>
        <source>Where</source>
        <translation>位置</translation>
    </message>
    <message>
        <source>What was found</source>
        <translation>发现的情况</translation>
    </message>
    <message>
        <source>What to try</source>
        <translation>建议</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::FormatStep</name>
    <message>
        <source>Format</source>
        <translation>格式</translation>
    </message>
    <message>
        <source>Which program shall load the result?</source>
        <translation>由哪个程序加载结果？</translation>
    </message>
    <message>
        <source>&amp;Replace what is in that folder</source>
        <translation>替换该文件夹中的内容(&amp;R)</translation>
    </message>
    <message>
        <source>On the command line: --format %1</source>
        <translation>命令行：--format %1</translation>
    </message>
    <message>
        <source>Loads in %1</source>
        <translation>可由 %1 加载</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>选择…</translation>
    </message>
    <message>
        <source>Choose where the result goes</source>
        <translation>选择结果的位置</translation>
    </message>
    <message>
        <source>&amp;Output folder</source>
        <translation>输出文件夹(&amp;O)</translation>
    </message>
    <message>
        <source>A new folder. It gets this name only when everything in it was written and read back</source>
        <translation>一个新文件夹。全部写入并读回核对后才使用此名称</translation>
    </message>
    <message>
        <source>Choose format</source>
        <translation>选择格式</translation>
    </message>
    <message>
        <source>Change overwriting</source>
        <translation>更改覆盖方式</translation>
    </message>
    <message>
        <source>No output folder is chosen.</source>
        <translation>尚未选择输出文件夹。</translation>
    </message>
    <message>
        <source>Choose output folder</source>
        <translation>选择输出文件夹</translation>
    </message>
    <message>
        <source>, </source>
        <extracomment>Between the names of a list: &quot;vLLM, transformers&quot;</extracomment>
        <translation>、</translation>
    </message>
    <message>
        <source>&amp;Keys and values in 8 bits</source>
        <translation>键和值使用 8 位(&amp;K)</translation>
    </message>
    <message>
        <source>the usual one of the model&apos;s family</source>
        <translation>该模型系列常用的模板</translation>
    </message>
    <message>
        <source>&amp;GPUs that share the model</source>
        <translation>共享模型的 GPU 数(&amp;G)</translation>
    </message>
    <message>
        <source>Each matrix is cut into as many files (tensor parallel)</source>
        <translation>每个矩阵切分为同样数量的文件（张量并行）</translation>
    </message>
    <message>
        <source>Chat &amp;template</source>
        <translation>对话模板(&amp;T)</translation>
    </message>
    <message>
        <source>Its name in lmdeploy, such as internlm2-chat-7b</source>
        <translation>其在 lmdeploy 中的名称，如 internlm2-chat-7b</translation>
    </message>
    <message>
        <source>Writes scales and zero points of keys and values beside the weights (past_kv_scale), from the calibration text, and sets quant_policy to 4</source>
        <translation>根据校准文本，在权重旁写出键和值的缩放因子和零点（past_kv_scale），并将 quant_policy 设为 4</translation>
    </message>
    <message>
        <source>Change the number of GPUs</source>
        <translation>更改 GPU 数</translation>
    </message>
    <message>
        <source>Change the chat template</source>
        <translation>更改对话模板</translation>
    </message>
    <message>
        <source>Change keys and values</source>
        <translation>更改键和值</translation>
    </message>
    <message>
        <source>Writes scales of keys and values (k_scale, v_scale) beside the weights, from the calibration text, with which vLLM keeps them in fp8</source>
        <translation>在权重旁写入由校准文本得到的键和值的缩放系数（k_scale、v_scale），vLLM 用它们以 fp8 保存键和值</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::GroupModel</name>
    <message>
        <source>Output row</source>
        <translation>输出行</translation>
    </message>
    <message>
        <source>Group</source>
        <translation>组</translation>
    </message>
    <message>
        <source>Scale</source>
        <translation>缩放因子</translation>
    </message>
    <message>
        <source>Zero point</source>
        <translation>零点</translation>
    </message>
    <message>
        <source>Least value</source>
        <translation>最小值</translation>
    </message>
    <message>
        <source>Largest value</source>
        <translation>最大值</translation>
    </message>
    <message>
        <source>Saturated</source>
        <translation>饱和</translation>
    </message>
    <message>
        <source>Which of the row&apos;s groups of input columns</source>
        <translation>该行的第几个输入列组</translation>
    </message>
    <message>
        <source>The code that stands for 0</source>
        <translation>代表 0 的编码</translation>
    </message>
    <message>
        <source>That a weight of the group can take</source>
        <translation>该组权重所能取的值</translation>
    </message>
    <message>
        <source>Share of codes at the ends of their range</source>
        <translation>位于编码范围两端的比例</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::GuideWindow</name>
    <message>
        <source>Guide</source>
        <translation>指南</translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <translation>%1（%2）</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>后退</translation>
    </message>
    <message>
        <source>Forward</source>
        <translation>前进</translation>
    </message>
    <message>
        <source>Contents</source>
        <translation>目录</translation>
    </message>
    <message>
        <source>List of keys</source>
        <translation>快捷键列表</translation>
    </message>
    <message>
        <source>Search the guide</source>
        <translation>搜索指南</translation>
    </message>
    <message>
        <source>Contents of the guide</source>
        <translation>指南目录</translation>
    </message>
    <message>
        <source>Places that were found</source>
        <translation>找到的位置</translation>
    </message>
    <message>
        <source>Nothing was found.</source>
        <translation>没有找到。</translation>
    </message>
    <message>
        <source>%1 — Guide</source>
        <translation>%1 — 指南</translation>
    </message>
    <message>
        <source>Found: %1</source>
        <translation>找到 %1 处</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::HelpWindow</name>
    <message>
        <source>First steps and keys</source>
        <translation>入门与快捷键</translation>
    </message>
    <message>
        <source>Open a model folder, or the demo model. Nothing is copied.</source>
        <translation>打开模型文件夹或演示模型。不会复制任何内容。</translation>
    </message>
    <message>
        <source>Look at its layers on the page Model: weights, and the channels that stand out.</source>
        <translation>在“模型”页查看各层：权重，以及突出的通道。</translation>
    </message>
    <message>
        <source>Try bits and group sizes on the page Tune. Every change answers at once.</source>
        <translation>在“调节”页尝试位数和分组大小。每次改动立即给出结果。</translation>
    </message>
    <message>
        <source>Start a run with New run. It says beforehand what it will cost.</source>
        <translation>用“新建运行”开始运行。事先会说明所需资源。</translation>
    </message>
    <message>
        <source>Compare the result with the original: perplexity, divergence, memory.</source>
        <translation>把结果与原模型比较：困惑度、散度、内存。</translation>
    </message>
    <message>
        <source>Export a report, and load the exported folder with the program it was made for.</source>
        <translation>导出报告，并用目标程序加载导出的文件夹。</translation>
    </message>
    <message>
        <source>First steps</source>
        <translation>入门</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>快捷键</translation>
    </message>
    <message>
        <source>Space</source>
        <translation>空格</translation>
    </message>
    <message>
        <source>In the job list: pause or go on</source>
        <translation>在作业列表中：暂停或继续</translation>
    </message>
    <message>
        <source>Esc</source>
        <translation>Esc</translation>
    </message>
    <message>
        <source>In the job list: cancel</source>
        <translation>在作业列表中：取消</translation>
    </message>
    <message>
        <source>Shift</source>
        <translation>Shift</translation>
    </message>
    <message>
        <source>With a page&apos;s main button: copy the command line</source>
        <translation>与页面主按钮同用：复制命令行</translation>
    </message>
    <message>
        <source>In a plot: show its numbers as a table, where Enter chooses</source>
        <translation>在图中：以表格显示数值，按 Enter 选择</translation>
    </message>
    <message>
        <source>In the history: take the selected runs off the list</source>
        <translation>在历史中：把所选运行移出列表</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::HistogramPlot</name>
    <message>
        <source>Weight</source>
        <translation>权重</translation>
    </message>
    <message>
        <source>Weights per bin</source>
        <translation>每格权重数</translation>
    </message>
    <message>
        <source>Before</source>
        <translation>量化前</translation>
    </message>
    <message>
        <source>After quantization</source>
        <translation>量化后</translation>
    </message>
    <message>
        <source>Grid of one group</source>
        <translation>一个分组的网格</translation>
    </message>
    <message>
        <source>%1 to %2: %3</source>
        <translation>%1 至 %2：%3</translation>
    </message>
    <message>
        <source>%1 to %2: %3 before, %4 after</source>
        <translation>%1 至 %2：量化前 %3，量化后 %4</translation>
    </message>
    <message>
        <source>From</source>
        <translation>从</translation>
    </message>
    <message>
        <source>To</source>
        <translation>至</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::HistoryModel</name>
    <message>
        <source>Running</source>
        <translation>运行中</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>完成</translation>
    </message>
    <message>
        <source>Done, with findings</source>
        <translation>完成，有发现</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>失败</translation>
    </message>
    <message>
        <source>Cancelled</source>
        <translation>已取消</translation>
    </message>
    <message>
        <source>Started</source>
        <translation>开始时间</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Method</source>
        <translation>方法</translation>
    </message>
    <message>
        <source>Scheme</source>
        <translation>方案</translation>
    </message>
    <message>
        <source>Bits per weight</source>
        <translation>每权重位数</translation>
    </message>
    <message>
        <source>Perplexity</source>
        <translation>困惑度</translation>
    </message>
    <message>
        <source>KL divergence, nats</source>
        <translation>KL 散度，nats</translation>
    </message>
    <message>
        <source>Findings</source>
        <translation>发现</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>备注</translation>
    </message>
    <message>
        <source>Tags</source>
        <translation>标签</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::HistoryPage</name>
    <message>
        <source>Open run</source>
        <translation>打开运行</translation>
    </message>
    <message>
        <source>Show the layers and figures of this run</source>
        <translation>显示此运行的各层和数据</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Go on with an interrupted run</source>
        <translation>继续被中断的运行</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>比较</translation>
    </message>
    <message>
        <source>Compare the selected results</source>
        <translation>比较所选结果</translation>
    </message>
    <message>
        <source>Use recipe</source>
        <translation>使用配方</translation>
    </message>
    <message>
        <source>Take the settings of this run for a new one</source>
        <translation>以此运行的设置新建运行</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>打开文件夹</translation>
    </message>
    <message>
        <source>Open the folder of the result</source>
        <translation>打开结果所在文件夹</translation>
    </message>
    <message>
        <source>Runs</source>
        <translation>运行</translation>
    </message>
    <message>
        <source>No runs yet. New run starts one; whatever it finds is kept here.</source>
        <translation>还没有运行。“新建运行”可开始一个；所得结果都保存在这里。</translation>
    </message>
    <message>
        <source>&amp;Filter</source>
        <translation>筛选(&amp;F)</translation>
    </message>
    <message>
        <source>Filter runs</source>
        <translation>筛选运行</translation>
    </message>
    <message>
        <source>History</source>
        <translation>历史</translation>
    </message>
    <message numerus="yes">
        <source>%n runs, of this window and of bitlathe-cli</source>
        <translation>
            <numerusform>%n 个运行，来自本窗口和 bitlathe-cli</numerusform>
        </translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>Take runs off this list; their folders stay. Ctrl+Z brings them back</source>
        <translation>从列表中移除运行；其文件夹保留。Ctrl+Z 可恢复</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>备注</translation>
    </message>
    <message>
        <source>Tags</source>
        <translation>标签</translation>
    </message>
    <message>
        <source>Words of model, method, scheme, tags or note</source>
        <translation>模型、方法、方案、标签或备注中的词</translation>
    </message>
    <message>
        <source>Settings of the selected runs</source>
        <translation>所选运行的设置</translation>
    </message>
    <message>
        <source>Select a run to see its settings, or several to see where they differ.</source>
        <translation>选择一个运行查看其设置，或选择多个查看差异。</translation>
    </message>
    <message>
        <source>Where the settings of the first %1 differ</source>
        <translation>前 %1 个运行的设置差异</translation>
    </message>
    <message>
        <source>Where the settings differ</source>
        <translation>设置的差异</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message numerus="yes">
        <source>Remove %n runs</source>
        <translation>
            <numerusform>移除 %n 个运行</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n runs are off the list; their folders stay. Ctrl+Z brings them back.</source>
        <translation>
            <numerusform>已从列表移除 %n 个运行；其文件夹保留。按 Ctrl+Z 可恢复。</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::InputView</name>
    <message>
        <source>Inputs of the selected layer: magnitude of each channel, token by token</source>
        <translation>所选层的输入：逐词元、逐通道的绝对值</translation>
    </message>
    <message>
        <source>Select a linear layer and a calibration text: the text&apos;s first tokens are run up to it.</source>
        <translation>请选择一个线性层和一份校准文本：文本开头的词元会一直计算到该层。</translation>
    </message>
    <message>
        <source>Channels with the largest inputs</source>
        <translation>输入最大的通道</translation>
    </message>
    <message>
        <source>The channels that stand out are listed here.</source>
        <translation>突出的通道会列在这里。</translation>
    </message>
    <message>
        <source>Token</source>
        <translation>词元</translation>
    </message>
    <message>
        <source>Input channel</source>
        <translation>输入通道</translation>
    </message>
    <message>
        <source>Magnitude</source>
        <translation>绝对值</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::JobModel</name>
    <message>
        <source>Job</source>
        <translation>作业</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>进度</translation>
    </message>
    <message>
        <source>Time left</source>
        <translation>剩余时间</translation>
    </message>
    <message>
        <source>Elapsed</source>
        <translation>已用时间</translation>
    </message>
    <message>
        <source>Peak memory</source>
        <translation>内存峰值</translation>
    </message>
    <message>
        <source>Waits for others</source>
        <translation>等待其他作业</translation>
    </message>
    <message>
        <source>Waits for memory</source>
        <translation>等待内存</translation>
    </message>
    <message>
        <source>about %1</source>
        <translation>约 %1</translation>
    </message>
    <message>
        <source>Jobs that measure time or memory run alone: it starts when those before it are done.</source>
        <translation>测量时间或内存的作业单独运行：前面的作业完成后开始。</translation>
    </message>
    <message>
        <source>It takes about %1 of memory, and %2 are left. It starts when there is enough.</source>
        <translation>它约需 %1 内存，目前剩余 %2。内存足够时开始。</translation>
    </message>
    <message>
        <source>Most memory of the whole program while the job ran; before it runs, what it is estimated to take</source>
        <translation>作业运行期间整个程序的最高内存；运行前为其估计值</translation>
    </message>
    <message>
        <source>%1 in use, %2 at most</source>
        <translation>已用 %1，峰值 %2</translation>
    </message>
    <message>
        <source>Memory of the GPU that the job has in use; once it is done, the most that it had</source>
        <translation>作业当前使用的显存；完成后为其峰值</translation>
    </message>
    <message>
        <source>GPU memory</source>
        <translation>显存</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::JobsDock</name>
    <message>
        <source>Jobs</source>
        <translation>作业</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>Pause or go on (Space)</source>
        <translation>暂停或继续（空格）</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Cancel (Ctrl+. or Esc)</source>
        <translation>取消（Ctrl+. 或 Esc）</translation>
    </message>
    <message>
        <source>Show layers</source>
        <translation>显示各层</translation>
    </message>
    <message>
        <source>Open the finished run on the layers page</source>
        <translation>在“各层”页打开已完成的运行</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>打开文件夹</translation>
    </message>
    <message>
        <source>Open the folder the run writes</source>
        <translation>打开运行写入的文件夹</translation>
    </message>
    <message>
        <source>Copy as command line</source>
        <translation>复制为命令行</translation>
    </message>
    <message>
        <source>The same with bitlathe-cli</source>
        <translation>用 bitlathe-cli 做同样的事</translation>
    </message>
    <message>
        <source>Save as recipe…</source>
        <translation>另存为配方…</translation>
    </message>
    <message>
        <source>Keep all settings of this run in a file</source>
        <translation>把此运行的全部设置存入文件</translation>
    </message>
    <message>
        <source>No jobs. Runs, calibrations and comparisons appear here while they work.</source>
        <translation>没有作业。运行、校准和比较进行时显示在这里。</translation>
    </message>
    <message>
        <source>Layers of the selected job</source>
        <translation>所选作业的各层</translation>
    </message>
    <message>
        <source>Layers appear here one by one while a run works.</source>
        <translation>运行时各层在此逐一出现。</translation>
    </message>
    <message>
        <source>Findings of the selected job</source>
        <translation>所选作业的发现</translation>
    </message>
    <message>
        <source>Nothing surprising was found.</source>
        <translation>没有异常发现。</translation>
    </message>
    <message>
        <source>Layers %1 of %2</source>
        <translation>层 %1/%2</translation>
    </message>
    <message>
        <source>Layers</source>
        <translation>各层</translation>
    </message>
    <message>
        <source>Findings (%1)</source>
        <translation>发现 (%1)</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Copied: %1</source>
        <translation>已复制：%1</translation>
    </message>
    <message>
        <source>Save recipe</source>
        <translation>保存配方</translation>
    </message>
    <message>
        <source>Recipes (*.yaml)</source>
        <translation>配方 (*.yaml)</translation>
    </message>
    <message>
        <source>Saved %1</source>
        <translation>已保存 %1</translation>
    </message>
    <message>
        <source>Start anyway</source>
        <translation>仍然开始</translation>
    </message>
    <message>
        <source>Start it though its estimate does not fit into the memory that is left</source>
        <translation>尽管估计超出剩余内存，仍然开始</translation>
    </message>
    <message>
        <source>Retry</source>
        <translation>重试</translation>
    </message>
    <message>
        <source>Start it once more; a run goes on with what it has kept</source>
        <translation>再次开始；运行会从已保存处继续</translation>
    </message>
    <message>
        <source>Log of the selected job</source>
        <translation>所选作业的日志</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>日志</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::KeyValueView</name>
    <message>
        <source>%1, head %2</source>
        <translation>%1，头 %2</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>键</translation>
    </message>
    <message>
        <source>Values</source>
        <translation>值</translation>
    </message>
    <message>
        <source>Largest magnitude</source>
        <translation>最大绝对值</translation>
    </message>
    <message>
        <source>Range</source>
        <translation>范围</translation>
    </message>
    <message>
        <source>Middle of the range</source>
        <translation>范围中点</translation>
    </message>
    <message>
        <source>of a layer</source>
        <translation>每层</translation>
    </message>
    <message>
        <source>of a head</source>
        <translation>每头</translation>
    </message>
    <message>
        <source>S&amp;how</source>
        <translation>显示(&amp;H)</translation>
    </message>
    <message>
        <source>Keys after the rotary embedding, or values</source>
        <translation>旋转位置编码之后的键，或值</translation>
    </message>
    <message>
        <source>&amp;Number</source>
        <translation>数值(&amp;N)</translation>
    </message>
    <message>
        <source>An int8 cache rounds to 1/255 of the range, around its middle</source>
        <translation>int8 缓存以范围中点为中心，按范围的 1/255 取整</translation>
    </message>
    <message>
        <source>One s&amp;cale for all</source>
        <translation>共用一个缩放因子(&amp;C)</translation>
    </message>
    <message>
        <source>What shares a scale and a zero point in the quantized cache: lines part them</source>
        <translation>量化缓存中共用一个缩放因子和零点的部分：以线分隔</translation>
    </message>
    <message>
        <source>Keys and values in the calibration text, by block, head and dimension</source>
        <translation>校准文本中的键和值，按块、头和维度</translation>
    </message>
    <message>
        <source>Which ranges keys and values have shows after the calibration text has been run through the model. Press Calibrate.</source>
        <translation>校准文本经过模型之后，这里显示键和值的范围。请按“校准”。</translation>
    </message>
    <message>
        <source>Block</source>
        <translation>块</translation>
    </message>
    <message>
        <source>Dimension</source>
        <translation>维度</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::KvChoice</name>
    <message>
        <source>Measures every model once more with its keys and values kept so. Their ranges come from the recipe&apos;s calibration text.</source>
        <translation>以这种方式保存键和值，再测量每个模型一次。其范围来自配方的校准文本。</translation>
    </message>
    <message>
        <source>KV cache of 16 bits only</source>
        <translation>仅 16 位 KV 缓存</translation>
    </message>
    <message numerus="yes">
        <source>%n kinds of KV cache</source>
        <translation>
            <numerusform>%n 种 KV 缓存</numerusform>
        </translation>
    </message>
    <message>
        <source>Kinds of KV cache: %1</source>
        <translation>KV 缓存种类：%1</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::LayerModel</name>
    <message>
        <source>Outside the blocks</source>
        <translation>解码块之外</translation>
    </message>
    <message>
        <source>Block %1</source>
        <translation>块 %1</translation>
    </message>
    <message>
        <source>%1-bit</source>
        <translation>%1 位</translation>
    </message>
    <message>
        <source>Layer</source>
        <translation>层</translation>
    </message>
    <message>
        <source>Shape (out × in)</source>
        <translation>形状（输出 × 输入）</translation>
    </message>
    <message>
        <source>Type</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>参数量</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>大小</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::LayerPicker</name>
    <message>
        <source>Filter layers</source>
        <translation>筛选层</translation>
    </message>
    <message>
        <source>Part of a name, such as q_proj or block 3 (Ctrl+F)</source>
        <translation>名称的一部分，如 q_proj 或“块 3”(Ctrl+F)</translation>
    </message>
    <message>
        <source>Layers</source>
        <translation>各层</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::LayersPage</name>
    <message>
        <source>Layers</source>
        <translation>各层</translation>
    </message>
    <message>
        <source>Raise bits of bad layers</source>
        <translation>提高误差大的层的位数</translation>
    </message>
    <message>
        <source>Layers of the run</source>
        <translation>运行的各层</translation>
    </message>
    <message>
        <source>The layers of the newest run appear here. Quantize a model, or open a run from the history.</source>
        <translation>最近一次运行的各层显示在这里。请量化一个模型，或从历史中打开运行。</translation>
    </message>
    <message>
        <source>%1: %2 bits per weight, %3</source>
        <translation>%1：每权重 %2 位，%3</translation>
    </message>
    <message>
        <source>Overrides added to the recipe. Run it again to see what they bring; Ctrl+Z takes them back.</source>
        <translation>已把覆盖设置加入配方。再次运行即可看到效果；Ctrl+Z 可撤销。</translation>
    </message>
    <message>
        <source>First bad layer: %1, output error %2</source>
        <translation>第一个差的层：%1，输出误差 %2</translation>
    </message>
    <message>
        <source>Adds overrides with 8 bits for the layers whose output error is %1 or more</source>
        <translation>为输出误差不低于 %1 的层添加 8 位覆盖设置</translation>
    </message>
    <message>
        <source>The first layer, in the order of the model, whose output error is %1 or more</source>
        <translation>按模型顺序，输出误差达到 %1 或以上的第一层</translation>
    </message>
    <message>
        <source>No bad layer: every output error is below %1.</source>
        <translation>没有差的层：所有输出误差都低于 %1。</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::LinePlot</name>
    <message>
        <source>%1: %2</source>
        <translation>%1：%2</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::LogDock</name>
    <message>
        <source>Log</source>
        <translation>日志</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::LogModel</name>
    <message>
        <source>Trace</source>
        <translation>跟踪</translation>
    </message>
    <message>
        <source>Detail</source>
        <translation>细节</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>提示</translation>
    </message>
    <message>
        <source>Warning</source>
        <translation>警告</translation>
    </message>
    <message>
        <source>Problem</source>
        <translation>问题</translation>
    </message>
    <message>
        <source>Fault</source>
        <translation>故障</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>类别</translation>
    </message>
    <message>
        <source>Message</source>
        <translation>消息</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::LogView</name>
    <message>
        <source>No log lines match.</source>
        <translation>没有匹配的日志行。</translation>
    </message>
    <message>
        <source>&amp;Filter</source>
        <translation>筛选(&amp;F)</translation>
    </message>
    <message>
        <source>Words in the message</source>
        <translation>消息中的词</translation>
    </message>
    <message>
        <source>Filter the log</source>
        <translation>筛选日志</translation>
    </message>
    <message>
        <source>&amp;Show</source>
        <translation>显示(&amp;S)</translation>
    </message>
    <message>
        <source>Everything</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>Notes and above</source>
        <translation>提示及以上</translation>
    </message>
    <message>
        <source>Warnings and problems</source>
        <translation>警告和问题</translation>
    </message>
    <message>
        <source>Copy the lines shown</source>
        <translation>复制显示的行</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::MachineView</name>
    <message>
        <source>All programs</source>
        <translation>所有程序</translation>
    </message>
    <message>
        <source>Bitlathe</source>
        <translation>Bitlathe</translation>
    </message>
    <message>
        <source>Measured while jobs work.</source>
        <translation>作业进行时测量。</translation>
    </message>
    <message>
        <source>Processor</source>
        <translation>处理器</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>内存</translation>
    </message>
    <message>
        <source>Seconds from now</source>
        <translation>距现在的秒数</translation>
    </message>
    <message>
        <source>Share of all cores (%)</source>
        <translation>占全部核心的比例（%）</translation>
    </message>
    <message>
        <source>In use (%1)</source>
        <translation>已用（%1）</translation>
    </message>
    <message>
        <source>GPU</source>
        <translation>GPU</translation>
    </message>
    <message>
        <source>Busy</source>
        <translation>忙碌</translation>
    </message>
    <message>
        <source>Busy, GPU %1</source>
        <translation>忙碌，GPU %1</translation>
    </message>
    <message>
        <source>Memory in use</source>
        <translation>已用显存</translation>
    </message>
    <message>
        <source>Memory in use, GPU %1</source>
        <translation>已用显存，GPU %1</translation>
    </message>
    <message>
        <source>Share (%)</source>
        <translation>占比 (%)</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::MainWindow</name>
    <message>
        <source>Opening %1 …</source>
        <translation>正在打开 %1…</translation>
    </message>
    <message>
        <source>%1 — Bitlathe</source>
        <translation>%1 — Bitlathe</translation>
    </message>
    <message>
        <source>No model is open</source>
        <translation>未打开模型</translation>
    </message>
    <message>
        <source>%1 windows of %2 tokens</source>
        <translation>%1 个窗口，每个 %2 词元</translation>
    </message>
    <message>
        <source>Choose calibration text</source>
        <translation>选择校准文本</translation>
    </message>
    <message>
        <source>Open model folder</source>
        <translation>打开模型文件夹</translation>
    </message>
    <message>
        <source>Open recipe</source>
        <translation>打开配方</translation>
    </message>
    <message>
        <source>Save recipe</source>
        <translation>保存配方</translation>
    </message>
    <message>
        <source>Recipes (*.yaml)</source>
        <translation>配方 (*.yaml)</translation>
    </message>
    <message>
        <source>Saved %1</source>
        <translation>已保存 %1</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>运行</translation>
    </message>
    <message>
        <source>Copied: %1</source>
        <translation>已复制：%1</translation>
    </message>
    <message>
        <source>About Bitlathe</source>
        <translation>关于 Bitlathe</translation>
    </message>
    <message>
        <source>&lt;h3&gt;Bitlathe %1&lt;/h3&gt;&lt;p&gt;A workbench for quantizing large language models.&lt;/p&gt;&lt;p&gt;The window is free software under the GNU General Public License, version 3 or later. The engine and bitlathe-cli are under the Apache License 2.0.&lt;/p&gt;</source>
        <translation>&lt;h3&gt;Bitlathe %1&lt;/h3&gt;&lt;p&gt;大语言模型量化工作台。&lt;/p&gt;&lt;p&gt;窗口程序是自由软件，采用 GNU 通用公共许可证第 3 版或更高版本。引擎和 bitlathe-cli 采用 Apache License 2.0。&lt;/p&gt;</translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation>文件(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Model</source>
        <translation>模型(&amp;M)</translation>
    </message>
    <message>
        <source>&amp;Run</source>
        <translation>运行(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>视图(&amp;V)</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>帮助(&amp;H)</translation>
    </message>
    <message>
        <source>&amp;Open model folder…</source>
        <translation>打开模型文件夹(&amp;O)…</translation>
    </message>
    <message>
        <source>Open a folder with a model; nothing is copied</source>
        <translation>打开含模型的文件夹；不会复制</translation>
    </message>
    <message>
        <source>Recent models</source>
        <translation>最近的模型</translation>
    </message>
    <message>
        <source>Open the &amp;demo model</source>
        <translation>打开演示模型(&amp;D)</translation>
    </message>
    <message>
        <source>A small trained model that comes with the program</source>
        <translation>随程序附带的小型已训练模型</translation>
    </message>
    <message>
        <source>Open &amp;recipe…</source>
        <translation>打开配方(&amp;R)…</translation>
    </message>
    <message>
        <source>Take all settings of a run from a file</source>
        <translation>从文件读取一次运行的全部设置</translation>
    </message>
    <message>
        <source>&amp;Save recipe…</source>
        <translation>保存配方(&amp;S)…</translation>
    </message>
    <message>
        <source>Keep all settings of the run in a file</source>
        <translation>把运行的全部设置存入文件</translation>
    </message>
    <message>
        <source>&amp;Export report…</source>
        <translation>导出报告(&amp;E)…</translation>
    </message>
    <message>
        <source>Write what was found as HTML, PDF, CSV or JSON</source>
        <translation>将结果写为 HTML、PDF、CSV 或 JSON</translation>
    </message>
    <message>
        <source>Se&amp;ttings…</source>
        <translation>设置(&amp;T)…</translation>
    </message>
    <message>
        <source>Theme, language, type size, threads</source>
        <translation>主题、语言、字号、线程</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>退出(&amp;Q)</translation>
    </message>
    <message>
        <source>Quit Bitlathe</source>
        <translation>退出 Bitlathe</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>Redo</source>
        <translation>重做</translation>
    </message>
    <message>
        <source>&amp;Find layer</source>
        <translation>查找层(&amp;F)</translation>
    </message>
    <message>
        <source>Look for a layer or row by name</source>
        <translation>按名称查找层或行</translation>
    </message>
    <message>
        <source>&amp;Refresh</source>
        <translation>刷新(&amp;R)</translation>
    </message>
    <message>
        <source>Read again what may have changed on disk</source>
        <translation>重新读取磁盘上可能已改变的内容</translation>
    </message>
    <message>
        <source>&amp;Compare</source>
        <translation>比较(&amp;C)</translation>
    </message>
    <message>
        <source>Compare the selected models, or open the compare page</source>
        <translation>比较所选模型，或打开“比较”页</translation>
    </message>
    <message>
        <source>&amp;New run…</source>
        <translation>新建运行(&amp;N)…</translation>
    </message>
    <message>
        <source>Set up a run step by step</source>
        <translation>逐步设置一次运行</translation>
    </message>
    <message>
        <source>Quantize with the settings as they are</source>
        <translation>按当前设置量化</translation>
    </message>
    <message>
        <source>&amp;Calibrate</source>
        <translation>校准(&amp;C)</translation>
    </message>
    <message>
        <source>Run the calibration text through the model, for error estimates</source>
        <translation>让校准文本通过模型，以估计误差</translation>
    </message>
    <message>
        <source>Cancel &amp;job</source>
        <translation>取消作业(&amp;J)</translation>
    </message>
    <message>
        <source>Cancel the selected job; what is done is kept on disk</source>
        <translation>取消所选作业；已完成的部分保留在磁盘上</translation>
    </message>
    <message>
        <source>Copy as command &amp;line</source>
        <translation>复制为命令行(&amp;L)</translation>
    </message>
    <message>
        <source>The same with bitlathe-cli</source>
        <translation>用 bitlathe-cli 做同样的事</translation>
    </message>
    <message>
        <source>Show the page %1</source>
        <translation>显示“%1”页</translation>
    </message>
    <message>
        <source>&amp;Jobs</source>
        <translation>作业(&amp;J)</translation>
    </message>
    <message>
        <source>&amp;Log</source>
        <translation>日志(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;Theme</source>
        <translation>主题(&amp;T)</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>跟随系统</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>浅色</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>深色</translation>
    </message>
    <message>
        <source>L&amp;anguage</source>
        <translation>语言(&amp;A)</translation>
    </message>
    <message>
        <source>First steps and &amp;keys</source>
        <translation>入门与快捷键(&amp;K)</translation>
    </message>
    <message>
        <source>&amp;About Bitlathe</source>
        <translation>关于 Bitlathe(&amp;A)</translation>
    </message>
    <message>
        <source>Version and licences</source>
        <translation>版本和许可证</translation>
    </message>
    <message numerus="yes">
        <source>CPU %1 · %n cores</source>
        <translation>
            <numerusform>CPU %1 · %n 核</numerusform>
        </translation>
    </message>
    <message>
        <source>%1
%2 of memory</source>
        <translation>%1
内存 %2</translation>
    </message>
    <message>
        <source>Device: %1</source>
        <translation>设备：%1</translation>
    </message>
    <message>
        <source>Arithmetic</source>
        <translation>运算精度</translation>
    </message>
    <message>
        <source>Fastest here (%1)</source>
        <translation>本机最快（%1）</translation>
    </message>
    <message>
        <source>f32: slower, exact</source>
        <translation>f32：较慢，精确</translation>
    </message>
    <message>
        <source>bf16: faster, rounds to 8 bits of mantissa</source>
        <translation>bf16：较快，尾数舍入到 8 位</translation>
    </message>
    <message>
        <source>The GPU is not used: found %1</source>
        <translation>未使用 GPU：%1</translation>
    </message>
    <message>
        <source>Machine</source>
        <translation>机器</translation>
    </message>
    <message>
        <source>The run %1 was not finished. What is done is kept.</source>
        <translation>运行 %1 未完成。已完成的部分已保存。</translation>
    </message>
    <message>
        <source>%1 runs were not finished, %2 the last of them. What is done is kept.</source>
        <translation>%1 个运行未完成，最近的是 %2。已完成的部分已保存。</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Leave it</source>
        <translation>不管它</translation>
    </message>
    <message>
        <source>High contrast</source>
        <translation>高对比度</translation>
    </message>
    <message>
        <source>&amp;Guide to what is in front</source>
        <translation>当前内容的指南(&amp;G)</translation>
    </message>
    <message>
        <source>What the guide says of this page, step or number</source>
        <translation>指南对当前页面、步骤或数字的说明</translation>
    </message>
    <message>
        <source>&amp;Quick start</source>
        <translation>快速上手(&amp;Q)</translation>
    </message>
    <message>
        <source>The first quantized model, with pictures</source>
        <translation>第一次量化模型，附图</translation>
    </message>
    <message>
        <source>&amp;Contents of the guide</source>
        <translation>指南目录(&amp;C)</translation>
    </message>
    <message>
        <source>All pages of the guide</source>
        <translation>指南的全部页面</translation>
    </message>
    <message>
        <source>G&amp;lossary</source>
        <translation>术语表(&amp;L)</translation>
    </message>
    <message>
        <source>What the words mean</source>
        <translation>各个词的含义</translation>
    </message>
    <message>
        <source>All keys of the window</source>
        <translation>窗口的全部快捷键</translation>
    </message>
    <message>
        <source>GPU, for runs and calibrations whose recipe asks for it: %1, %2</source>
        <translation>GPU，用于配方要求使用它的运行和校准：%1，%2</translation>
    </message>
    <message>
        <source>Recipes (*.yaml *.yml)</source>
        <translation>配方 (*.yaml *.yml)</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::MapPlot</name>
    <message>
        <source>%1 %2, %3 %4: %5</source>
        <translation>%1 %2，%3 %4：%5</translation>
    </message>
    <message>
        <source>Rank</source>
        <translation>排名</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::MemoryView</name>
    <message>
        <source>How many sequences the model works on at once</source>
        <translation>模型同时处理的序列数</translation>
    </message>
    <message>
        <source>&amp;Batch</source>
        <translation>批大小(&amp;B)</translation>
    </message>
    <message>
        <source>What a model needs in memory shows as soon as one is open (Ctrl+O).</source>
        <translation>打开模型 (Ctrl+O) 后，此处显示它需要多少内存。</translation>
    </message>
    <message>
        <source>Memory by batch and context</source>
        <translation>按批大小和上下文的内存</translation>
    </message>
    <message>
        <source>Copy as CSV</source>
        <translation>复制为 CSV</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <extracomment>%1 is a model, %2 its kind of KV cache</extracomment>
        <translation>%1，%2</translation>
    </message>
    <message>
        <source>Batch</source>
        <translation>批大小</translation>
    </message>
    <message>
        <source>Context</source>
        <translation>上下文</translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <extracomment>%1 is what takes the memory, %2 a unit such as GiB</extracomment>
        <translation>%1，%2</translation>
    </message>
    <message>
        <source>Memory by context, batch %1: weights, keys and values, activations of one step</source>
        <translation>按上下文的内存，批大小 %1：权重、键和值、一步的激活</translation>
    </message>
    <message>
        <source>Context (tokens)</source>
        <translation>上下文（词元）</translation>
    </message>
    <message>
        <source>Memory (%1)</source>
        <translation>内存（%1）</translation>
    </message>
    <message>
        <source>RAM of this machine: %1</source>
        <translation>本机内存：%1</translation>
    </message>
    <message>
        <source>All of this fits into the %1 of RAM of this machine.</source>
        <translation>全部放得进本机的 %1 内存。</translation>
    </message>
    <message>
        <source>Above the line it does not fit into the %1 of RAM of this machine.</source>
        <translation>虚线以上放不进本机的 %1 内存。</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::MessageBar</name>
    <message numerus="yes">
        <source>%n earlier</source>
        <translation>
            <numerusform>还有 %n 条</numerusform>
        </translation>
    </message>
    <message>
        <source>Copy this message</source>
        <translation>复制此消息</translation>
    </message>
    <message>
        <source>Dismiss this message</source>
        <translation>关闭此消息</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::MethodStep</name>
    <message>
        <source>Method</source>
        <translation>方法</translation>
    </message>
    <message>
        <source>How shall the weights be rounded?</source>
        <translation>权重如何舍入？</translation>
    </message>
    <message>
        <source>On the command line: --method %1</source>
        <translation>命令行：--method %1</translation>
    </message>
    <message>
        <source>Choose method</source>
        <translation>选择方法</translation>
    </message>
    <message>
        <source>Change a setting of the method</source>
        <translation>更改方法设置</translation>
    </message>
    <message>
        <source>Settings of your own</source>
        <translation>自定义设置</translation>
    </message>
    <message>
        <source>&amp;Preset</source>
        <translation>预设(&amp;P)</translation>
    </message>
    <message>
        <source>Sets method, bits, groups and format for a purpose; change any of them afterwards</source>
        <translation>按用途设置方法、位数、分组和格式；之后可任意修改</translation>
    </message>
    <message>
        <source>Choose preset</source>
        <translation>选择预设</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::ModelPage</name>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Quantize…</source>
        <translation>量化…</translation>
    </message>
    <message>
        <source>Calibrate</source>
        <translation>校准</translation>
    </message>
    <message>
        <source>Choose how to quantize this model</source>
        <translation>选择如何量化此模型</translation>
    </message>
    <message>
        <source>Run the calibration text through the model to see its activations</source>
        <translation>让校准文本通过模型以查看激活值</translation>
    </message>
    <message>
        <source>Select a linear layer on the left to see the distribution of its weights.</source>
        <translation>在左侧选择线性层，查看其权重分布。</translation>
    </message>
    <message>
        <source>Facts</source>
        <translation>概况</translation>
    </message>
    <message>
        <source>Weights</source>
        <translation>权重</translation>
    </message>
    <message>
        <source>Activation outliers</source>
        <translation>激活离群值</translation>
    </message>
    <message>
        <source>Open a model folder (Ctrl+O) or drop one here.</source>
        <translation>打开模型文件夹 (Ctrl+O) 或拖放到此处。</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>文件夹</translation>
    </message>
    <message>
        <source>Architecture</source>
        <translation>架构</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>参数量</translation>
    </message>
    <message>
        <source>Stored as</source>
        <translation>存储类型</translation>
    </message>
    <message>
        <source>Size on disk</source>
        <translation>磁盘大小</translation>
    </message>
    <message>
        <source>Quantization</source>
        <translation>量化</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>%1, %2 bits per weight</source>
        <translation>%1，每权重 %2 位</translation>
    </message>
    <message>
        <source>Blocks</source>
        <translation>解码块</translation>
    </message>
    <message>
        <source>Hidden size</source>
        <translation>隐藏维度</translation>
    </message>
    <message>
        <source>Intermediate size</source>
        <translation>中间维度</translation>
    </message>
    <message>
        <source>Attention heads</source>
        <translation>注意力头</translation>
    </message>
    <message>
        <source>%1 (%2 for keys and values) of %3</source>
        <translation>%1（键和值 %2），每头 %3</translation>
    </message>
    <message>
        <source>Vocabulary</source>
        <translation>词表</translation>
    </message>
    <message>
        <source>Positions</source>
        <translation>位置数</translation>
    </message>
    <message>
        <source>KV cache per token, 16 bits</source>
        <translation>每词元 KV Cache，16 位</translation>
    </message>
    <message>
        <source>Output head</source>
        <translation>输出头</translation>
    </message>
    <message>
        <source>tied to the embedding</source>
        <translation>与嵌入共享</translation>
    </message>
    <message>
        <source>of its own</source>
        <translation>独立</translation>
    </message>
    <message>
        <source>Tokenizer</source>
        <translation>分词器</translation>
    </message>
    <message>
        <source>%1: largest magnitude %2, standard deviation %3, kurtosis %4</source>
        <translation>%1：最大幅值 %2，标准差 %3，峰度 %4</translation>
    </message>
    <message>
        <source>Sliding window</source>
        <translation>滑动窗口</translation>
    </message>
    <message>
        <source>%1 tokens</source>
        <translation>%1 个词元</translation>
    </message>
    <message>
        <source>Experts</source>
        <translation>专家</translation>
    </message>
    <message>
        <source>%1, %2 for each token</source>
        <translation>%1 个，每个词元用 %2 个</translation>
    </message>
    <message>
        <source>Keys and values</source>
        <translation>键和值</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>内存</translation>
    </message>
    <message>
        <source>Tokens and channels</source>
        <translation>词元与通道</translation>
    </message>
    <message>
        <source>the whole weight</source>
        <translation>整个权重</translation>
    </message>
    <message>
        <source>one row</source>
        <translation>一行</translation>
    </message>
    <message>
        <source>one group</source>
        <translation>一组</translation>
    </message>
    <message>
        <source>&amp;Histogram of</source>
        <translation>直方图范围(&amp;H)</translation>
    </message>
    <message>
        <source>What the histogram counts: all weights, those of one output, or those that share a scale</source>
        <translation>直方图统计的对象：全部权重、某个输出的权重，或共用一个缩放因子的权重</translation>
    </message>
    <message>
        <source>&amp;Row</source>
        <translation>行(&amp;R)</translation>
    </message>
    <message>
        <source>Output of the layer, from 0</source>
        <translation>该层的输出，从 0 起</translation>
    </message>
    <message>
        <source>Gr&amp;oup</source>
        <translation>组(&amp;O)</translation>
    </message>
    <message>
        <source>Of the row, from 0, by the recipe&apos;s group size</source>
        <translation>行内的组，从 0 起，按配方的组大小划分</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::ModelStep</name>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Which model shall be quantized?</source>
        <translation>要量化哪个模型？</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>选择…</translation>
    </message>
    <message>
        <source>Choose a model folder</source>
        <translation>选择模型文件夹</translation>
    </message>
    <message>
        <source>Model &amp;folder</source>
        <translation>模型文件夹(&amp;F)</translation>
    </message>
    <message>
        <source>Folder with config.json</source>
        <translation>含 config.json 的文件夹</translation>
    </message>
    <message>
        <source>Opening …</source>
        <translation>正在打开…</translation>
    </message>
    <message>
        <source>No model is open.</source>
        <translation>未打开模型。</translation>
    </message>
    <message>
        <source>Choose a folder, or drop one anywhere in the window.</source>
        <translation>请选择文件夹，或拖放到窗口任意处。</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Family</source>
        <translation>系列</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>参数量</translation>
    </message>
    <message>
        <source>Stored as</source>
        <translation>存储类型</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>大小</translation>
    </message>
    <message>
        <source>Blocks</source>
        <translation>解码块</translation>
    </message>
    <message>
        <source>Layers to quantize</source>
        <translation>可量化的层</translation>
    </message>
    <message>
        <source>Tokenizer</source>
        <translation>分词器</translation>
    </message>
    <message>
        <source>found</source>
        <translation>已找到</translation>
    </message>
    <message>
        <source>none that can be used</source>
        <translation>没有可用的</translation>
    </message>
    <message>
        <source>The folder with config.json and the .safetensors or .bin files. It is read where it lies, never copied or changed.</source>
        <translation>含 config.json 和 .safetensors 或 .bin 文件的文件夹。就地读取，从不复制或修改。</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::OutlierView</name>
    <message>
        <source>&amp;Input of</source>
        <translation>输入属于(&amp;I)</translation>
    </message>
    <message>
        <source>The linears whose input the map shows</source>
        <translation>图中显示其输入的线性层</translation>
    </message>
    <message>
        <source>Sc&amp;ales</source>
        <translation>缩放(&amp;A)</translation>
    </message>
    <message>
        <source>Whether channels are shown as measured, or divided by the scales that the newest run folded in</source>
        <translation>按测量值显示通道，或除以最近一次运行折入的缩放因子</translation>
    </message>
    <message>
        <source>Activation outliers: largest magnitude of each channel, block by block</source>
        <translation>激活离群值：每个块各通道的最大绝对值</translation>
    </message>
    <message>
        <source>Which channels carry outliers shows after the calibration text has been run through the model. Press Calibrate.</source>
        <translation>校准文本经过模型之后，这里显示哪些通道有离群值。请按“校准”。</translation>
    </message>
    <message>
        <source>&amp;Threshold of LLM.int8()</source>
        <translation>LLM.int8() 的阈值(&amp;T)</translation>
    </message>
    <message>
        <source>Channels that reach it are multiplied in 16 bits. Drag it here or on the colour bar: the recipe follows.</source>
        <translation>达到阈值的通道以 16 位相乘。可在这里或颜色条上拖动，配方随之改变。</translation>
    </message>
    <message>
        <source>as measured</source>
        <translation>测量值</translation>
    </message>
    <message>
        <source>after smoothing by %1</source>
        <translation>经 %1 平滑之后</translation>
    </message>
    <message>
        <source>Block</source>
        <translation>块</translation>
    </message>
    <message>
        <source>Input channel</source>
        <translation>输入通道</translation>
    </message>
    <message>
        <source>Largest magnitude</source>
        <translation>最大绝对值</translation>
    </message>
    <message>
        <source>Threshold of LLM.int8()</source>
        <translation>LLM.int8() 的阈值</translation>
    </message>
    <message>
        <source>%1: %2 of the channels shown stay in 16 bits.</source>
        <translation>%1：所示通道中有 %2 保持 16 位。</translation>
    </message>
    <message>
        <source>Selected layer: %1 of its columns, output error %2.</source>
        <translation>所选层：%1 的列，输出误差 %2。</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::OverridesEdit</name>
    <message>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>Layers that &amp;differ</source>
        <translation>不同设置的层(&amp;D)</translation>
    </message>
    <message>
        <source>Layers that differ</source>
        <translation>不同设置的层</translation>
    </message>
    <message>
        <source>A pattern such as *.mlp.down_proj, or re: and a regular expression. The last match counts</source>
        <translation>形如 *.mlp.down_proj 的模式，或 re: 加正则表达式。以最后匹配者为准</translation>
    </message>
    <message>
        <source>Layers (pattern)</source>
        <translation>层（模式）</translation>
    </message>
    <message>
        <source>Bits</source>
        <translation>位数</translation>
    </message>
    <message>
        <source>Group size</source>
        <translation>分组大小</translation>
    </message>
    <message>
        <source>Matches</source>
        <translation>匹配数</translation>
    </message>
    <message>
        <source>All layers are treated alike.</source>
        <translation>所有层设置相同。</translation>
    </message>
    <message>
        <source>Add selected layer</source>
        <translation>添加所选层</translation>
    </message>
    <message>
        <source>Adds a row for the layer that is selected on the other pages; edit the pattern to match more</source>
        <translation>为其他页面所选的层添加一行；编辑模式可匹配更多层</translation>
    </message>
    <message>
        <source>full precision</source>
        <translation>全精度</translation>
    </message>
    <message>
        <source>Bits of row %1</source>
        <translation>第 %1 行的位数</translation>
    </message>
    <message>
        <source>Add a layer that differs</source>
        <translation>添加不同设置的层</translation>
    </message>
    <message>
        <source>Remove a layer that differs</source>
        <translation>移除不同设置的层</translation>
    </message>
    <message>
        <source>Change a layer that differs</source>
        <translation>更改不同设置的层</translation>
    </message>
    <message>
        <source>%1 matches no layer of this model.</source>
        <translation>%1 与此模型的任何层都不匹配。</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::PlotPanel</name>
    <message>
        <source>Show as table</source>
        <translation>以表格显示</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::PlotWidget</name>
    <message>
        <source>%1 could not be written. Choose another folder.</source>
        <translation>无法写入 %1。请选择其他文件夹。</translation>
    </message>
    <message>
        <source>Reset view</source>
        <translation>重置视图</translation>
    </message>
    <message>
        <source>Logarithmic axis</source>
        <translation>对数坐标</translation>
    </message>
    <message>
        <source>Copy image</source>
        <translation>复制图像</translation>
    </message>
    <message>
        <source>Copy as CSV</source>
        <translation>复制为 CSV</translation>
    </message>
    <message>
        <source>Save as %1…</source>
        <translation>另存为 %1…</translation>
    </message>
    <message>
        <source>Save plot</source>
        <translation>保存图表</translation>
    </message>
    <message>
        <source>Select what is here</source>
        <translation>选择此处的内容</translation>
    </message>
    <message>
        <source>Copy value</source>
        <translation>复制数值</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::PromptFields</name>
    <message>
        <source>Prompts as a convers&amp;ation</source>
        <translation>提示作为对话(&amp;A)</translation>
    </message>
    <message>
        <source>None, or a .txt or .jsonl file</source>
        <translation>无，或 .txt、.jsonl 文件</translation>
    </message>
    <message>
        <source>Prompts, one in each line or row. Every model goes on from them with its most likely tokens; the texts are compared with the base&apos;s.</source>
        <translation>提示，每行一个。每个模型用其最可能的词元续写；文字与基准的相比较。</translation>
    </message>
    <message>
        <source>Tokens that each model writes behind each prompt at most.</source>
        <translation>每个模型在每个提示之后最多写的词元数。</translation>
    </message>
    <message>
        <source>Prompts go through each model&apos;s chat template.</source>
        <translation>提示经过每个模型的对话模板。</translation>
    </message>
    <message>
        <source>Choose prompts</source>
        <translation>选择提示</translation>
    </message>
    <message>
        <source>Prompts (*.txt *.jsonl *.json *.csv)</source>
        <translation>提示 (*.txt *.jsonl *.json *.csv)</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::ProtocolFields</name>
    <message>
        <source>How the text is cut into windows, and which tokens count. Perplexities of different protocols do not compare.</source>
        <translation>文本如何切分为窗口，以及哪些词元计分。不同协议的困惑度不可比较。</translation>
    </message>
    <message>
        <source> tokens</source>
        <translation> 词元</translation>
    </message>
    <message>
        <source>Tokens of one window. Perplexities of different lengths do not compare.</source>
        <translation>一个窗口的词元数。不同长度的困惑度不可比较。</translation>
    </message>
    <message>
        <source>Tokens from the beginning of a window to that of the next one, with the protocol &quot;strided&quot;.</source>
        <translation>协议为 “strided” 时，从一个窗口开头到下一个窗口开头的词元数。</translation>
    </message>
    <message>
        <source>all</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>More windows take longer and make the standard errors smaller.</source>
        <translation>窗口越多耗时越长，标准误越小。</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::QuestionFields</name>
    <message>
        <source>by letter</source>
        <translation>按字母</translation>
    </message>
    <message>
        <source>by text</source>
        <translation>按文本</translation>
    </message>
    <message>
        <source>by text, for each byte</source>
        <translation>按文本，每字节</translation>
    </message>
    <message>
        <source>As a con&amp;versation</source>
        <translation>作为对话(&amp;V)</translation>
    </message>
    <message>
        <source>None, or a .jsonl or .csv file</source>
        <translation>无，或 .jsonl、.csv 文件</translation>
    </message>
    <message>
        <source>Choice questions in the shapes of MMLU, C-Eval or ARC, or with the fields question, A, B … and answer. Every model is asked.</source>
        <translation>MMLU、C-Eval 或 ARC 形式的选择题，或含字段 question、A、B … 和 answer。每个模型都要回答。</translation>
    </message>
    <message>
        <source>What makes an answer the most likely one: its letter, with all options shown, or its text, which for each byte does not favour short ones.</source>
        <translation>以什么判定最可能的答案：列出所有选项时的字母，或答案文本；按每字节计算则不偏向短答案。</translation>
    </message>
    <message>
        <source>Examples with their answers before each question, from the dev file beside the questions.</source>
        <translation>每题之前带答案的示例，取自题目旁的 dev 文件。</translation>
    </message>
    <message>
        <source>Questions go through each model&apos;s chat template.</source>
        <translation>题目经由各模型的对话模板。</translation>
    </message>
    <message>
        <source>Choose questions</source>
        <translation>选择题目</translation>
    </message>
    <message>
        <source>Questions (*.jsonl *.json *.csv)</source>
        <translation>题目 (*.jsonl *.json *.csv)</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::QuestionsDialog</name>
    <message>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>Questions and answers</source>
        <translation>问题和答案</translation>
    </message>
    <message>
        <source>Type what the model is asked, and how it should answer. Each row becomes one calibration sample.</source>
        <translation>写下向模型提出的问题，以及它应如何回答。每行成为一个校准样本。</translation>
    </message>
    <message>
        <source>Question</source>
        <translation>问题</translation>
    </message>
    <message>
        <source>Answer</source>
        <translation>答案</translation>
    </message>
    <message>
        <source>Add row</source>
        <translation>添加行</translation>
    </message>
    <message>
        <source>Save and use…</source>
        <translation>保存并使用…</translation>
    </message>
    <message>
        <source>Save questions and answers</source>
        <translation>保存问题和答案</translation>
    </message>
    <message>
        <source>Questions (*.jsonl)</source>
        <translation>问题 (*.jsonl)</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::Rail</name>
    <message>
        <source>Pages</source>
        <translation>页面</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::RecipeText</name>
    <message>
        <source>Recipe</source>
        <translation>配方</translation>
    </message>
    <message>
        <source>This text names another model. Choose the model on the first step.</source>
        <translation>此文本指定了另一个模型。请在第一步选择模型。</translation>
    </message>
    <message>
        <source>Edit recipe text</source>
        <translation>编辑配方文本</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::ReportPage</name>
    <message>
        <source>Report</source>
        <translation>报告</translation>
    </message>
    <message>
        <source>Export report…</source>
        <translation>导出报告…</translation>
    </message>
    <message>
        <source>Save as HTML, PDF, CSV or JSON, by the file&apos;s ending</source>
        <translation>按文件扩展名保存为 HTML、PDF、CSV 或 JSON</translation>
    </message>
    <message>
        <source>Comparison</source>
        <translation>比较</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>运行</translation>
    </message>
    <message>
        <source>What the report is about</source>
        <translation>报告的内容</translation>
    </message>
    <message>
        <source>&amp;Report of</source>
        <translation>报告对象(&amp;R)</translation>
    </message>
    <message>
        <source>Preview of the report</source>
        <translation>报告预览</translation>
    </message>
    <message>
        <source>A report of the newest run or comparison appears here. Quantize a model or compare two.</source>
        <translation>最近一次运行或比较的报告显示在这里。请量化一个模型或比较两个模型。</translation>
    </message>
    <message>
        <source>Export report</source>
        <translation>导出报告</translation>
    </message>
    <message>
        <source>Web page (*.html)</source>
        <translation>网页 (*.html)</translation>
    </message>
    <message>
        <source>PDF (*.pdf)</source>
        <translation>PDF (*.pdf)</translation>
    </message>
    <message>
        <source>Table (*.csv)</source>
        <translation>表格 (*.csv)</translation>
    </message>
    <message>
        <source>JSON (*.json)</source>
        <translation>JSON (*.json)</translation>
    </message>
    <message>
        <source>Report saved as %1</source>
        <translation>报告已保存为 %1</translation>
    </message>
    <message>
        <source>Findings</source>
        <translation>发现</translation>
    </message>
    <message>
        <source>Drawings</source>
        <translation>图</translation>
    </message>
    <message>
        <source>Layers</source>
        <translation>层</translation>
    </message>
    <message>
        <source>Recipe</source>
        <translation>配方</translation>
    </message>
    <message>
        <source>Open in browser</source>
        <translation>在浏览器中打开</translation>
    </message>
    <message>
        <source>Show the report as a web page</source>
        <translation>以网页形式显示报告</translation>
    </message>
    <message>
        <source>Sections of the page and of the PDF; CSV and JSON hold everything</source>
        <translation>页面和 PDF 中的部分；CSV 和 JSON 包含全部内容</translation>
    </message>
    <message>
        <source>&amp;Sections</source>
        <translation>部分(&amp;S)</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::RunLayerModel</name>
    <message>
        <source>kept</source>
        <translation>保留</translation>
    </message>
    <message>
        <source>Squared error of the layer&apos;s output, relative to the output&apos;s energy.</source>
        <translation>层输出的平方误差，相对于输出能量。</translation>
    </message>
    <message>
        <source>Squared error of the layer&apos;s output for one token of the calibration text.</source>
        <translation>校准文本中每个词元的层输出平方误差。</translation>
    </message>
    <message>
        <source>Share of codes at the ends of their range.</source>
        <translation>处于取值范围两端的编码占比。</translation>
    </message>
    <message>
        <source>Layer</source>
        <translation>层</translation>
    </message>
    <message>
        <source>Bits</source>
        <translation>位数</translation>
    </message>
    <message>
        <source>Group size</source>
        <translation>分组大小</translation>
    </message>
    <message>
        <source>Output error</source>
        <translation>输出误差</translation>
    </message>
    <message>
        <source>Verdict</source>
        <translation>评价</translation>
    </message>
    <message>
        <source>Loss</source>
        <translation>损失</translation>
    </message>
    <message>
        <source>Saturated</source>
        <translation>饱和</translation>
    </message>
    <message>
        <source>Time (s)</source>
        <translation>时间 (秒)</translation>
    </message>
    <message>
        <source>Share of the layer&apos;s input columns that LLM.int8() leaves in 16 bits: they reach the threshold in the calibration text.</source>
        <translation>该层输入列中由 LLM.int8() 保留为 16 位的占比：它们在校准文本中达到阈值。</translation>
    </message>
    <message>
        <source>Outlier columns</source>
        <translation>离群列</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::RunSettingsModel</name>
    <message>
        <source>Setting</source>
        <translation>设置</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::RunViews</name>
    <message>
        <source>Output row</source>
        <translation>输出行</translation>
    </message>
    <message>
        <source>Output error of each layer, through depth</source>
        <translation>各层输出误差随深度的变化</translation>
    </message>
    <message>
        <source>Block</source>
        <translation>块</translation>
    </message>
    <message>
        <source>Output error (%)</source>
        <translation>输出误差 (%)</translation>
    </message>
    <message>
        <source>Error growth: hidden states against the original</source>
        <translation>误差增长：隐藏状态与原模型相比</translation>
    </message>
    <message>
        <source>Error of the hidden states (%)</source>
        <translation>隐藏状态误差 (%)</translation>
    </message>
    <message>
        <source>Needs the original model and the run&apos;s output, each in the folder that the run knows.</source>
        <translation>需要原模型和运行输出都在该运行所记录的文件夹中。</translation>
    </message>
    <message>
        <source>What the selected layer&apos;s input channels are multiplied by</source>
        <translation>所选层各输入通道所乘的因子</translation>
    </message>
    <message>
        <source>Input channel</source>
        <translation>输入通道</translation>
    </message>
    <message>
        <source>Scale</source>
        <translation>缩放因子</translation>
    </message>
    <message>
        <source>AWQ and SmoothQuant multiply input channels by scales. The selected layer has none: select another, or a run of these methods.</source>
        <translation>AWQ 和 SmoothQuant 将输入通道乘以缩放因子。所选层没有：请选择其他层，或这些方法的运行。</translation>
    </message>
    <message>
        <source>Scales of the selected layer, row by group</source>
        <translation>所选层的缩放因子，行 × 组</translation>
    </message>
    <message>
        <source>Zero points of the selected layer, row by group</source>
        <translation>所选层的零点，行 × 组</translation>
    </message>
    <message>
        <source>Share of codes at the ends of their range</source>
        <translation>位于编码范围两端的比例</translation>
    </message>
    <message>
        <source>Select a quantized layer in the table.</source>
        <translation>请在表中选择一个已量化的层。</translation>
    </message>
    <message>
        <source>Depth</source>
        <translation>深度</translation>
    </message>
    <message>
        <source>Growth</source>
        <translation>增长</translation>
    </message>
    <message>
        <source>Scales</source>
        <translation>缩放因子</translation>
    </message>
    <message>
        <source>Zero points</source>
        <translation>零点</translation>
    </message>
    <message>
        <source>Saturation</source>
        <translation>饱和</translation>
    </message>
    <message>
        <source>Input scales</source>
        <translation>输入缩放</translation>
    </message>
    <message>
        <source>error</source>
        <translation>误差</translation>
    </message>
    <message numerus="yes">
        <source>Error growth: hidden states against the original, over %n token(s)</source>
        <translation>
            <numerusform>误差增长：隐藏状态与原模型相比，%n 个词元</numerusform>
        </translation>
    </message>
    <message>
        <source>scale</source>
        <translation>缩放因子</translation>
    </message>
    <message>
        <source>Group</source>
        <translation>组</translation>
    </message>
    <message>
        <source>Zero point (code)</source>
        <translation>零点（编码）</translation>
    </message>
    <message>
        <source>Input column</source>
        <translation>输入列</translation>
    </message>
    <message>
        <source>Share of saturated codes</source>
        <translation>饱和编码的比例</translation>
    </message>
    <message>
        <source>Groups</source>
        <translation>分组</translation>
    </message>
    <message>
        <source>Scales and zero points of the selected layer</source>
        <translation>所选层的缩放因子和零点</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::ScatterPlot</name>
    <message>
        <source>Best for its size</source>
        <translation>同等大小最佳</translation>
    </message>
    <message>
        <source>%1 ± %2</source>
        <translation>%1 ± %2</translation>
    </message>
    <message>
        <source>%1
%2: %3
%4: %5</source>
        <translation>%1
%2：%3
%4：%5</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Standard error</source>
        <translation>标准误差</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::SchemeStep</name>
    <message>
        <source>Scheme</source>
        <translation>方案</translation>
    </message>
    <message>
        <source>How many bits may a weight take?</source>
        <translation>一个权重可占多少位？</translation>
    </message>
    <message>
        <source>S&amp;ymmetric: zero lies in the middle</source>
        <translation>对称：零位于中间(&amp;Y)</translation>
    </message>
    <message numerus="yes">
        <source>%n bits</source>
        <translation>
            <numerusform>%n 位</numerusform>
        </translation>
    </message>
    <message>
        <source>Keep the whole range</source>
        <translation>保留整个范围</translation>
    </message>
    <message>
        <source>Shrink it to the smallest error</source>
        <translation>收缩到误差最小</translation>
    </message>
    <message>
        <source>Without it each group stores a zero point too: a little larger, better for lopsided weights</source>
        <translation>否则每个分组还要存储零点：稍大，更适合偏斜的权重</translation>
    </message>
    <message>
        <source>Quantize the input channels with the largest activations first (act-order). Fewer programs load it, unless groups are static</source>
        <translation>先量化激活值最大的输入通道 (act-order)。除非使用静态分组，否则能加载的程序较少</translation>
    </message>
    <message>
        <source>&amp;Bits per weight</source>
        <translation>每权重位数(&amp;B)</translation>
    </message>
    <message>
        <source>Fewer bits: smaller and less exact</source>
        <translation>位数越少：越小，也越不精确</translation>
    </message>
    <message>
        <source>&amp;Group size, weights</source>
        <translation>分组大小，权重数(&amp;G)</translation>
    </message>
    <message>
        <source>So many weights of a row share one scale. A number from 16 to 1,024, channel (one scale a row) or tensor (one scale a layer). Smaller groups: more exact and a little larger</source>
        <translation>一行中共用一个缩放因子的权重数。可为 16 至 1,024 的数字、channel（每行一个）或 tensor（每层一个）。分组越小越精确，也稍大</translation>
    </message>
    <message>
        <source>&amp;Range of a group</source>
        <translation>分组的范围(&amp;R)</translation>
    </message>
    <message>
        <source>How far weights reach before they are cut (clipping)</source>
        <translation>权重被裁剪之前的范围</translation>
    </message>
    <message>
        <source>Change bits</source>
        <translation>更改位数</translation>
    </message>
    <message>
        <source>Change zero point</source>
        <translation>更改零点</translation>
    </message>
    <message>
        <source>Change column order</source>
        <translation>更改列顺序</translation>
    </message>
    <message>
        <source>Change range</source>
        <translation>更改范围</translation>
    </message>
    <message>
        <source>Change group size</source>
        <translation>更改分组大小</translation>
    </message>
    <message>
        <source>Important &amp;columns first (act-order)</source>
        <translation>重要列优先（act-order）(&amp;C)</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::Session</name>
    <message>
        <source>Open recipe</source>
        <translation>打开配方</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::SettingsDialog</name>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>&amp;Theme</source>
        <translation>主题(&amp;T)</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>跟随系统</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>浅色</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>深色</translation>
    </message>
    <message>
        <source>Colours of the window</source>
        <translation>窗口配色</translation>
    </message>
    <message>
        <source>&amp;Language</source>
        <translation>语言(&amp;L)</translation>
    </message>
    <message>
        <source>Switches at once</source>
        <translation>立即切换</translation>
    </message>
    <message>
        <source>Type &amp;size</source>
        <translation>字号(&amp;S)</translation>
    </message>
    <message>
        <source>75 % to 200 % of the desktop&apos;s type size</source>
        <translation>桌面字号的 75 % 至 200 %</translation>
    </message>
    <message>
        <source>Reduce motion</source>
        <translation>减少动画</translation>
    </message>
    <message>
        <source>&amp;Motion</source>
        <translation>动画(&amp;M)</translation>
    </message>
    <message>
        <source>Nothing moves by itself</source>
        <translation>没有自动的动画</translation>
    </message>
    <message>
        <source>&amp;Units</source>
        <translation>单位(&amp;U)</translation>
    </message>
    <message>
        <source>1 KiB = 1,024 bytes</source>
        <translation>1 KiB = 1,024 字节</translation>
    </message>
    <message>
        <source>1 kB = 1,000 bytes</source>
        <translation>1 kB = 1,000 字节</translation>
    </message>
    <message>
        <source>Units of file and memory sizes</source>
        <translation>文件和内存大小的单位</translation>
    </message>
    <message>
        <source>All (%1)</source>
        <translation>全部（%1）</translation>
    </message>
    <message>
        <source>T&amp;hreads</source>
        <translation>线程数(&amp;H)</translation>
    </message>
    <message>
        <source>Cores that work at once; results are the same for any number</source>
        <translation>同时工作的核心数；任何数目结果都相同</translation>
    </message>
    <message>
        <source>&amp;Arithmetic</source>
        <translation>运算精度(&amp;A)</translation>
    </message>
    <message>
        <source>Fastest here (%1)</source>
        <translation>本机最快（%1）</translation>
    </message>
    <message>
        <source>f32: slower, exact</source>
        <translation>f32：较慢，精确</translation>
    </message>
    <message>
        <source>bf16: faster</source>
        <translation>bf16：较快</translation>
    </message>
    <message>
        <source>Number format of matrix products</source>
        <translation>矩阵乘法的数值格式</translation>
    </message>
    <message>
        <source>High contrast</source>
        <translation>高对比度</translation>
    </message>
    <message>
        <source>CPU: %1</source>
        <translation>CPU：%1</translation>
    </message>
    <message>
        <source>&amp;Device</source>
        <translation>设备(&amp;D)</translation>
    </message>
    <message>
        <source>What layers and windows are computed on</source>
        <translation>各层和窗口在其上计算</translation>
    </message>
    <message>
        <source>&amp;Jobs at once</source>
        <translation>同时作业数(&amp;J)</translation>
    </message>
    <message>
        <source>How many jobs may run side by side where their estimated memory fits. Peak memory is then that of all of them. Jobs that measure time or memory always run alone.</source>
        <translation>估计内存容得下时，可并行的作业数。此时峰值内存为所有作业之和。测量时间或内存的作业总是单独运行。</translation>
    </message>
    <message>
        <source>&amp;Protocol</source>
        <translation>协议(&amp;P)</translation>
    </message>
    <message>
        <source>How new comparisons and recipes cut the text into windows, and which tokens count</source>
        <translation>新的比较和配方如何把文本切成窗口，以及哪些词元计分</translation>
    </message>
    <message>
        <source>&amp;Window length</source>
        <translation>窗口长度(&amp;W)</translation>
    </message>
    <message>
        <source>Tokens of one window of new comparisons and recipes</source>
        <translation>新的比较和配方中一个窗口的词元数</translation>
    </message>
    <message>
        <source>Cache f&amp;older</source>
        <translation>缓存文件夹(&amp;O)</translation>
    </message>
    <message>
        <source>Cache at &amp;most</source>
        <translation>缓存上限(&amp;M)</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::SpeedModel</name>
    <message>
        <source>Prompt of %1 tokens</source>
        <translation>%1 个词元的提示</translation>
    </message>
    <message numerus="yes">
        <source>%n sequence(s) after %1 tokens</source>
        <translation>
            <numerusform>%1 个词元之后 %n 个序列</numerusform>
        </translation>
    </message>
    <message>
        <source>What</source>
        <translation>内容</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Tokens/s</source>
        <translation>词元/秒</translation>
    </message>
    <message>
        <source>Lowest to highest</source>
        <translation>最低至最高</translation>
    </message>
    <message>
        <source>To the base</source>
        <translation>与基准之比</translation>
    </message>
    <message>
        <source>Read, GB/s</source>
        <translation>读取，GB/s</translation>
    </message>
    <message>
        <source>J/token</source>
        <translation>焦/词元</translation>
    </message>
    <message>
        <source>The median of all repeats, of all sequences together</source>
        <translation>所有重复的中位数，所有序列合计</translation>
    </message>
    <message>
        <source>Median of the ratios of repeats that were measured beside each other</source>
        <translation>相邻测量的重复之比的中位数</translation>
    </message>
    <message>
        <source>Weights and cached keys and values that writing a token reads; the speed of memory is its limit</source>
        <translation>写一个词元所读取的权重及缓存的键和值；其极限是内存速度</translation>
    </message>
    <message>
        <source>Of the processor, where the system tells it</source>
        <translation>处理器的能耗（系统提供时）</translation>
    </message>
    <message>
        <source>%1 to %2</source>
        <translation>%1 至 %2</translation>
    </message>
    <message>
        <source>%1 ×</source>
        <translation>%1 ×</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::SpeedView</name>
    <message>
        <source>Speed of models</source>
        <translation>模型的速度</translation>
    </message>
    <message>
        <source>Press Measure to see how fast the models above are on this machine.</source>
        <translation>点击“测量”，查看上面的模型在本机上有多快。</translation>
    </message>
    <message>
        <source>Lengths of prompts, with commas between</source>
        <translation>提示的长度，用逗号分隔</translation>
    </message>
    <message>
        <source>Tokens that stand before those that are written, with commas between</source>
        <translation>所写词元之前的词元数，用逗号分隔</translation>
    </message>
    <message>
        <source>Sequences that are written side by side, with commas between</source>
        <translation>并排书写的序列数，用逗号分隔</translation>
    </message>
    <message>
        <source>Tokens to write of each sequence</source>
        <translation>每个序列要写的词元数</translation>
    </message>
    <message>
        <source>Times that each number is measured, the models in turn</source>
        <translation>每个数值的测量次数，各模型轮流</translation>
    </message>
    <message>
        <source>Measu&amp;re</source>
        <translation>测量(&amp;R)</translation>
    </message>
    <message>
        <source>Prompt len&amp;gths</source>
        <translation>提示长度(&amp;G)</translation>
    </message>
    <message>
        <source>Conte&amp;xts</source>
        <translation>上下文(&amp;X)</translation>
    </message>
    <message>
        <source>&amp;Batches</source>
        <translation>批量(&amp;B)</translation>
    </message>
    <message>
        <source>T&amp;okens each</source>
        <translation>每个词元数(&amp;O)</translation>
    </message>
    <message>
        <source>Rep&amp;eats</source>
        <translation>重复(&amp;E)</translation>
    </message>
    <message>
        <source>Loads all models and measures them in turn; best while nothing else runs</source>
        <translation>载入所有模型并轮流测量；最好在没有其他程序运行时进行</translation>
    </message>
    <message>
        <source>Prompts, contexts and batches are whole numbers with commas between</source>
        <translation>提示、上下文和批量为整数，用逗号分隔</translation>
    </message>
    <message>
        <source>No energy: %1</source>
        <translation>无能耗数据：%1</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::StartPage</name>
    <message>
        <source>Open model folder…</source>
        <translation>打开模型文件夹…</translation>
    </message>
    <message>
        <source>Open a folder with a model; nothing is copied</source>
        <translation>打开含模型的文件夹；不会复制</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>开始</translation>
    </message>
    <message>
        <source>Quantize language models, and see what it does to them</source>
        <translation>量化语言模型，看清它带来的变化</translation>
    </message>
    <message>
        <source>Recent models</source>
        <translation>最近的模型</translation>
    </message>
    <message>
        <source>Models that you open are listed here.</source>
        <translation>打开过的模型列在这里。</translation>
    </message>
    <message>
        <source>Drop a model folder here</source>
        <translation>将模型文件夹拖放到此处</translation>
    </message>
    <message>
        <source>Open the demo model</source>
        <translation>打开演示模型</translation>
    </message>
    <message>
        <source>A small trained LLaMA that comes with the program, with texts to calibrate and to measure</source>
        <translation>随程序附带的小型已训练 LLaMA，含校准和衡量用文本</translation>
    </message>
    <message>
        <source>Recent runs</source>
        <translation>最近的运行</translation>
    </message>
    <message>
        <source>Runs are listed here. Start one with New run.</source>
        <translation>运行列在这里。用“新建运行”开始。</translation>
    </message>
    <message>
        <source>All runs</source>
        <translation>全部运行</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>Ctrl+%1</source>
        <translation>Ctrl+%1</translation>
    </message>
    <message>
        <source>%1 · %2 parameters · %3 · %4 · %5</source>
        <translation>%1 · %2 参数 · %3 · %4 · %5</translation>
    </message>
    <message>
        <source> · perplexity %1</source>
        <translation> · 困惑度 %1</translation>
    </message>
    <message>
        <source>Open model folder</source>
        <translation>打开模型文件夹</translation>
    </message>
    <message>
        <source>or a .safetensors or .bin file, a recipe, a text – anywhere in the window</source>
        <translation>或 .safetensors、.bin 文件、配方、文本——拖到窗口任意处</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::StartStep</name>
    <message>
        <source>Start</source>
        <translation>开始</translation>
    </message>
    <message>
        <source>This is all of it. Change the text here, or go back; both are the same recipe.</source>
        <translation>以上就是全部内容。可在此修改文本，或返回前面；两者是同一配方。</translation>
    </message>
    <message>
        <source>&amp;Recipe</source>
        <translation>配方(&amp;R)</translation>
    </message>
    <message>
        <source>Everything the run does, as YAML. Save it with Ctrl+S</source>
        <translation>运行的全部内容，YAML 格式。用 Ctrl+S 保存</translation>
    </message>
    <message>
        <source>Copy the recipe</source>
        <translation>复制配方</translation>
    </message>
    <message>
        <source>Command &amp;line</source>
        <translation>命令行(&amp;L)</translation>
    </message>
    <message>
        <source>The same without a window</source>
        <translation>不用窗口做同样的事</translation>
    </message>
    <message>
        <source>Copy the command line</source>
        <translation>复制命令行</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::StatusLine</name>
    <message>
        <source>Progress of the running job</source>
        <translation>正在运行的作业的进度</translation>
    </message>
    <message>
        <source>%1 left</source>
        <translation>还需 %1</translation>
    </message>
    <message numerus="yes">
        <source>%n waiting</source>
        <translation>
            <numerusform>%n 个等待中</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::StepList</name>
    <message>
        <source>Step %1: %2</source>
        <translation>步骤 %1：%2</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::SweepView</name>
    <message>
        <source>Output error (%) by bits and group size; click a cell to choose it</source>
        <translation>按位数和组大小的输出误差（%）；点击单元格选用</translation>
    </message>
    <message>
        <source>Select a layer on the left to see what all bits and group sizes would do to it.</source>
        <translation>在左侧选择一层，查看各种位数和组大小对它的影响。</translation>
    </message>
    <message>
        <source>Error against size, and the best for each size</source>
        <translation>误差与大小，以及每种大小的最佳者</translation>
    </message>
    <message>
        <source>Settings appear here as they are tried.</source>
        <translation>试过的设置出现在这里。</translation>
    </message>
    <message>
        <source>Trying all settings…</source>
        <translation>正在试所有设置…</translation>
    </message>
    <message>
        <source>%1 settings in %2</source>
        <translation>%1 种设置，用时 %2</translation>
    </message>
    <message>
        <source>, judged by %1 of %2 rows</source>
        <translation>，依据 %2 行中的 %1 行</translation>
    </message>
    <message>
        <source>Bits</source>
        <translation>位数</translation>
    </message>
    <message>
        <source>Group size</source>
        <translation>分组大小</translation>
    </message>
    <message>
        <source>Output error (%)</source>
        <translation>输出误差 (%)</translation>
    </message>
    <message>
        <source>row</source>
        <translation>行</translation>
    </message>
    <message>
        <source>layer</source>
        <translation>层</translation>
    </message>
    <message>
        <source>Bits per weight</source>
        <translation>每权重位数</translation>
    </message>
    <message>
        <source>%1 bit</source>
        <translation>%1 位</translation>
    </message>
    <message>
        <source>%1 bit, groups: %2</source>
        <translation>%1 位，组：%2</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::TickChoice</name>
    <message>
        <source>, </source>
        <extracomment>Between the names of a list: &quot;vLLM, transformers&quot;</extracomment>
        <translation>、</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::TitleLine</name>
    <message>
        <source>%1
Shift: copy the command line</source>
        <translation>%1
Shift：复制命令行</translation>
    </message>
    <message>
        <source>%1 (%2)
Shift: copy the command line</source>
        <translation>%1（%2）
Shift：复制命令行</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::TokenLossModel</name>
    <message>
        <source>%1, %2</source>
        <translation>%1，%2</translation>
    </message>
    <message>
        <source>KL divergence of the model to the base at this token, in nats.</source>
        <translation>模型在此词元处相对基准的 KL 散度，单位 nat。</translation>
    </message>
    <message>
        <source>The token that the text has there.</source>
        <translation>文本在该处的词元。</translation>
    </message>
    <message>
        <source>What the base holds most likely there.</source>
        <translation>基准认为该处最可能的词元。</translation>
    </message>
    <message>
        <source>What the model holds most likely there.</source>
        <translation>模型认为该处最可能的词元。</translation>
    </message>
    <message>
        <source>Probability that the base gives the text&apos;s token.</source>
        <translation>基准赋予文本词元的概率。</translation>
    </message>
    <message>
        <source>Probability that the model gives the text&apos;s token.</source>
        <translation>模型赋予文本词元的概率。</translation>
    </message>
    <message>
        <source>Number of the window, and the token&apos;s place in it.</source>
        <translation>窗口编号，以及词元在其中的位置。</translation>
    </message>
    <message>
        <source>KL divergence</source>
        <translation>KL 散度</translation>
    </message>
    <message>
        <source>After</source>
        <translation>前文</translation>
    </message>
    <message>
        <source>Text has</source>
        <translation>文本</translation>
    </message>
    <message>
        <source>Base says</source>
        <translation>基准预测</translation>
    </message>
    <message>
        <source>Model says</source>
        <translation>模型预测</translation>
    </message>
    <message>
        <source>p, base</source>
        <translation>p，基准</translation>
    </message>
    <message>
        <source>p, model</source>
        <translation>p，模型</translation>
    </message>
    <message>
        <source>Window, place</source>
        <translation>窗口，位置</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::TokenLossView</name>
    <message>
        <source>&amp;Model</source>
        <translation>模型(&amp;M)</translation>
    </message>
    <message>
        <source>Tokens that suffer most</source>
        <translation>受损最大的词元</translation>
    </message>
    <message>
        <source>Compare models to see which tokens they lose against the base.</source>
        <translation>比较模型，查看它们相对基准在哪些词元上受损。</translation>
    </message>
    <message>
        <source>Loss by position</source>
        <translation>按位置的损失</translation>
    </message>
    <message>
        <source>Position in the window</source>
        <translation>窗口中的位置</translation>
    </message>
    <message>
        <source>Loss (nats)</source>
        <translation>损失 (nat)</translation>
    </message>
    <message>
        <source>Compare models to see where in the window they lose.</source>
        <translation>比较模型，查看它们在窗口何处受损。</translation>
    </message>
    <message>
        <source>KL divergence</source>
        <translation>KL 散度</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::TryPage</name>
    <message>
        <source>Try</source>
        <translation>试用</translation>
    </message>
    <message>
        <source>Generate</source>
        <translation>生成</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>&amp;Prompt</source>
        <translation>提示(&amp;P)</translation>
    </message>
    <message>
        <source>New tokens at most.</source>
        <translation>最多生成的词元数。</translation>
    </message>
    <message>
        <source>greedy</source>
        <translation>贪心</translation>
    </message>
    <message>
        <source>Greedy takes the most likely token; higher values choose more freely.</source>
        <translation>贪心总取最可能的词元；数值越大选择越自由。</translation>
    </message>
    <message>
        <source>off</source>
        <translation>关</translation>
    </message>
    <message>
        <source>Choose among this many most likely tokens only.</source>
        <translation>只在这么多最可能的词元中选择。</translation>
    </message>
    <message>
        <source>Choose among the most likely tokens that together have this probability.</source>
        <translation>只在合计达到此概率的最可能词元中选择。</translation>
    </message>
    <message>
        <source>Above 1: tokens that were there before become less likely.</source>
        <translation>大于 1：已出现过的词元概率降低。</translation>
    </message>
    <message>
        <source>The same seed gives the same text.</source>
        <translation>相同的种子得到相同的文本。</translation>
    </message>
    <message>
        <source>&amp;New tokens</source>
        <translation>新词元数(&amp;N)</translation>
    </message>
    <message>
        <source>&amp;Temperature</source>
        <translation>温度(&amp;T)</translation>
    </message>
    <message>
        <source>&amp;Seed</source>
        <translation>随机种子(&amp;S)</translation>
    </message>
    <message>
        <source>Top &amp;k</source>
        <translation>Top k(&amp;K)</translation>
    </message>
    <message>
        <source>Top p</source>
        <translation>Top p</translation>
    </message>
    <message>
        <source>Repetition p&amp;enalty</source>
        <translation>重复惩罚(&amp;E)</translation>
    </message>
    <message>
        <source>Where completions differ</source>
        <translation>续写的差异</translation>
    </message>
    <message>
        <source>Give the prompt to all models</source>
        <translation>把提示交给所有模型</translation>
    </message>
    <message>
        <source>End all completions and keep what is there</source>
        <translation>结束所有续写并保留已有文字</translation>
    </message>
    <message>
        <source>Add a model</source>
        <translation>添加模型</translation>
    </message>
    <message>
        <source>One more column, up to four</source>
        <translation>增加一列，最多四列</translation>
    </message>
    <message>
        <source>Remove the last model</source>
        <translation>移除最后的模型</translation>
    </message>
    <message>
        <source>Takes the right-most column away; the model&apos;s folder stays</source>
        <translation>移除最右一列；模型文件夹保留</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>新对话</translation>
    </message>
    <message>
        <source>Forget what was said</source>
        <translation>忘记已说的内容</translation>
    </message>
    <message>
        <source>&amp;Chat</source>
        <translation>对话(&amp;C)</translation>
    </message>
    <message>
        <source>The prompt is a message of a conversation, through each model&apos;s own chat template; each model answers its own.</source>
        <translation>提示作为对话消息，经过各模型自己的对话模板；每个模型各自回答。</translation>
    </message>
    <message>
        <source>Model &amp;%1</source>
        <translation>模型 &amp;%1</translation>
    </message>
    <message>
        <source>&amp;Message</source>
        <translation>消息(&amp;M)</translation>
    </message>
    <message>
        <source>What you say to all models</source>
        <translation>对所有模型说的话</translation>
    </message>
    <message>
        <source>Text that all models continue</source>
        <translation>所有模型续写的文字</translation>
    </message>
    <message>
        <source>Send</source>
        <translation>发送</translation>
    </message>
    <message>
        <source>%1 writes the same as the first.</source>
        <translation>%1 写的与第一个相同。</translation>
    </message>
    <message numerus="yes">
        <source>%1 agrees with the first for %n token(s), then differs.</source>
        <translation>
            <numerusform>%1 与第一个有 %n 个词元一致，之后不同。</numerusform>
        </translation>
    </message>
    <message>
        <source>The same prompt on several models</source>
        <translation>同一提示用于多个模型</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::TuneNumbers</name>
    <message>
        <source>Bits per weight</source>
        <translation>每权重位数</translation>
    </message>
    <message>
        <source>Codes, scales and zero points of this layer, divided by its weights.</source>
        <translation>此层的编码、缩放因子和零点除以权重个数。</translation>
    </message>
    <message>
        <source>Output error</source>
        <translation>输出误差</translation>
    </message>
    <message>
        <source>Squared error of the layer&apos;s output on the calibration text, relative to the output&apos;s energy. Below %1 fine, below %2 watch.</source>
        <translation>层输出在校准文本上的平方误差，相对于输出能量。低于 %1 良好，低于 %2 留意。</translation>
    </message>
    <message>
        <source>Size of the layer</source>
        <translation>层的大小</translation>
    </message>
    <message>
        <source>Stored bytes of this layer, and how much that is of 16 bits.</source>
        <translation>此层的存储字节数，以及相对 16 位的比例。</translation>
    </message>
    <message>
        <source>Answered in</source>
        <translation>响应时间</translation>
    </message>
    <message>
        <source>Time from the setting to these numbers. A large layer is judged by evenly spaced rows first, then by all of them.</source>
        <translation>从改变设置到得出这些数字的时间。大的层先由均匀抽取的若干行判断，再由全部行判断。</translation>
    </message>
    <message>
        <source>%1 of 16 bits</source>
        <translation>为 16 位的 %1</translation>
    </message>
    <message>
        <source>from %1 of %2 rows</source>
        <translation>取 %2 行中的 %1 行</translation>
    </message>
    <message>
        <source>all rows: %1</source>
        <translation>全部行：%1</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::TunePage</name>
    <message>
        <source>Tune</source>
        <translation>调节</translation>
    </message>
    <message>
        <source>Use for all layers</source>
        <translation>用于所有层</translation>
    </message>
    <message>
        <source>The recipe&apos;s scheme becomes this one</source>
        <translation>将此方案设为配方的方案</translation>
    </message>
    <message>
        <source>Use for this layer</source>
        <translation>用于此层</translation>
    </message>
    <message>
        <source>Adds an override for this layer to the recipe</source>
        <translation>为此层在配方中添加覆盖设置</translation>
    </message>
    <message>
        <source>Use for all like this</source>
        <translation>用于所有同类层</translation>
    </message>
    <message>
        <source>Adds an override for this linear of every block</source>
        <translation>为每个块的同一线性层添加覆盖设置</translation>
    </message>
    <message>
        <source>Keep this layer</source>
        <translation>保留此层</translation>
    </message>
    <message>
        <source>Leaves this layer in full precision</source>
        <translation>此层保留全精度</translation>
    </message>
    <message>
        <source>Scheme of all layers</source>
        <translation>所有层的方案</translation>
    </message>
    <message>
        <source>The recipe now uses this scheme. Ctrl+Z takes it back.</source>
        <translation>配方现已采用此方案。Ctrl+Z 可撤销。</translation>
    </message>
    <message>
        <source>Override of one layer</source>
        <translation>单层覆盖设置</translation>
    </message>
    <message>
        <source>Override of all layers like this</source>
        <translation>同类层覆盖设置</translation>
    </message>
    <message>
        <source>Keep a layer</source>
        <translation>保留一层</translation>
    </message>
    <message>
        <source>&amp;Method</source>
        <translation>方法(&amp;M)</translation>
    </message>
    <message>
        <source>Bits of one weight&apos;s code: fewer bits, smaller model, larger error.</source>
        <translation>一个权重编码的位数：位数越少，模型越小，误差越大。</translation>
    </message>
    <message>
        <source>Weights that share a scale (group_size): smaller groups follow the weights better and cost more bits.</source>
        <translation>共用一个缩放因子的权重数 (group_size)：分组越小越贴合权重，占用位数也越多。</translation>
    </message>
    <message>
        <source>&amp;Symmetric</source>
        <translation>对称(&amp;S)</translation>
    </message>
    <message>
        <source>The zero point stays in the middle of the range. Without it every group has its own zero point.</source>
        <translation>零点保持在范围中间。否则每个分组有自己的零点。</translation>
    </message>
    <message>
        <source>Smallest to largest weight</source>
        <translation>最小到最大权重</translation>
    </message>
    <message>
        <source>Smallest squared error</source>
        <translation>平方误差最小</translation>
    </message>
    <message>
        <source>The range that codes cover. Clipping the largest weights can make all others more exact.</source>
        <translation>编码覆盖的范围。裁剪最大的权重可使其余权重更精确。</translation>
    </message>
    <message>
        <source>&amp;Clipping</source>
        <translation>裁剪(&amp;C)</translation>
    </message>
    <message>
        <source>The output error is measured on the calibration text&apos;s statistics.</source>
        <translation>输出误差按校准文本的统计量测量。</translation>
    </message>
    <message>
        <source>No statistics yet: the error is that of the weights alone. Calibrate on the Model page to measure the output.</source>
        <translation>尚无统计量：误差只按权重计算。请在“模型”页校准以测量输出。</translation>
    </message>
    <message>
        <source>&amp;Bits: %1</source>
        <translation>位数：%1(&amp;B)</translation>
    </message>
    <message>
        <source>&amp;Group size: one row</source>
        <translation>分组大小：整行(&amp;G)</translation>
    </message>
    <message>
        <source>&amp;Group size: whole layer</source>
        <translation>分组大小：整层(&amp;G)</translation>
    </message>
    <message>
        <source>&amp;Group size: %1</source>
        <translation>分组大小：%1(&amp;G)</translation>
    </message>
    <message>
        <source>Override added to the recipe. Ctrl+Z takes it back.</source>
        <translation>已把覆盖设置加入配方。Ctrl+Z 可撤销。</translation>
    </message>
    <message>
        <source>Use for pattern</source>
        <translation>用于模式</translation>
    </message>
    <message>
        <source>Adds an override for all layers whose names match the pattern</source>
        <translation>为名称匹配模式的所有层添加覆盖</translation>
    </message>
    <message>
        <source>Override of layers by pattern</source>
        <translation>按模式覆盖层</translation>
    </message>
    <message>
        <source>Layers by &amp;pattern</source>
        <translation>按模式的层(&amp;P)</translation>
    </message>
    <message>
        <source>Names of layers with * and ?, or re: and a regular expression</source>
        <translation>层的名称，可用 * 和 ?，或 re: 加正则表达式</translation>
    </message>
    <message>
        <source>Layers by pattern</source>
        <translation>按模式的层</translation>
    </message>
    <message>
        <source>Matching layers: %1</source>
        <translation>匹配的层：%1</translation>
    </message>
    <message>
        <source>This setting</source>
        <translation>此设置</translation>
    </message>
    <message>
        <source>All bits and group sizes</source>
        <translation>所有位数和组大小</translation>
    </message>
    <message>
        <source>Recipe</source>
        <translation>配方</translation>
    </message>
    <message>
        <source>Everything the run does, as YAML. Save it with Ctrl+S</source>
        <translation>运行的全部内容，YAML 格式。用 Ctrl+S 保存</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::TunePlots</name>
    <message>
        <source>Weights before and after, with the grid of one group</source>
        <translation>量化前后的权重，以及一个分组的网格</translation>
    </message>
    <message>
        <source>Select a layer on the left, then move the sliders: histogram, error and size follow at once.</source>
        <translation>在左侧选择一层，再移动滑块：直方图、误差和大小立即更新。</translation>
    </message>
    <message>
        <source>Where the error is: largest change of a weight</source>
        <translation>误差所在：权重的最大变化</translation>
    </message>
    <message>
        <source>Output row</source>
        <translation>输出行</translation>
    </message>
    <message>
        <source>Input column</source>
        <translation>输入列</translation>
    </message>
    <message>
        <source>Largest |w − w′|</source>
        <translation>最大 |w − w′|</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::WizardPage</name>
    <message>
        <source>Back</source>
        <translation>上一步</translation>
    </message>
    <message>
        <source>Next</source>
        <translation>下一步</translation>
    </message>
    <message>
        <source>Quantize</source>
        <translation>量化</translation>
    </message>
    <message>
        <source>Start the run with these settings</source>
        <translation>以这些设置开始运行</translation>
    </message>
    <message>
        <source>New run</source>
        <translation>新建运行</translation>
    </message>
    <message>
        <source>The run is in the job list.</source>
        <translation>运行已加入作业列表。</translation>
    </message>
</context>
<context>
    <name>bitlathe::ui::WrittenTextsView</name>
    <message>
        <source>&amp;Model</source>
        <translation>模型(&amp;M)</translation>
    </message>
    <message>
        <source>Texts of the model beside those of the base</source>
        <translation>模型的文本与基准的文本对照</translation>
    </message>
    <message>
        <source>Compare models with prompts to read what each writes.</source>
        <translation>用提示比较模型，阅读各自的生成。</translation>
    </message>
</context>
<context>
    <name>core</name>
    <message>
        <source>a file</source>
        <translation>一个文件</translation>
    </message>
    <message>
        <source>nothing of that name</source>
        <translation>没有该名称的内容</translation>
    </message>
    <message>
        <source>Check the path</source>
        <translation>请检查路径</translation>
    </message>
    <message>
        <source>a readable file</source>
        <translation>可读的文件</translation>
    </message>
    <message>
        <source>%1</source>
        <translation>%1</translation>
    </message>
    <message>
        <source>Check the file&apos;s permissions</source>
        <translation>请检查文件权限</translation>
    </message>
    <message>
        <source>at most %1 bytes</source>
        <translation>最多 %1 字节</translation>
    </message>
    <message>
        <source>more</source>
        <translation>更多</translation>
    </message>
    <message>
        <source>room on the disk</source>
        <translation>磁盘有可用空间</translation>
    </message>
    <message>
        <source>Free some space or choose another folder</source>
        <translation>请释放空间或选择其他文件夹</translation>
    </message>
    <message>
        <source>a place that can be written</source>
        <translation>可写入的位置</translation>
    </message>
    <message>
        <source>Check permissions or choose another folder</source>
        <translation>请检查权限或选择其他文件夹</translation>
    </message>
    <message>
        <source>valid JSON</source>
        <translation>有效的 JSON</translation>
    </message>
    <message>
        <source>Copy or download the file again</source>
        <translation>请重新复制或下载该文件</translation>
    </message>
    <message>
        <source>a syntax error at byte %1</source>
        <translation>第 %1 字节处有语法错误</translation>
    </message>
    <message>
        <source>JSON nested at most %1 deep</source>
        <translation>JSON 嵌套最多 %1 层</translation>
    </message>
    <message>
        <source>deeper nesting</source>
        <translation>更深的嵌套</translation>
    </message>
    <message>
        <source>a number out of range</source>
        <translation>超出范围的数字</translation>
    </message>
    <message>
        <source>the key %1 (%2)</source>
        <translation>键 %1（%2）</translation>
    </message>
    <message>
        <source>no such key</source>
        <translation>没有该键</translation>
    </message>
    <message>
        <source>Take the file from the model&apos;s original folder</source>
        <translation>请从模型的原始文件夹取用该文件</translation>
    </message>
    <message>
        <source>%1 to be %2</source>
        <translation>%1 为 %2</translation>
    </message>
    <message>
        <source>%1 from %2 to %3</source>
        <translation>%1 在 %2 至 %3 之间</translation>
    </message>
    <message>
        <source>a file of the installation</source>
        <translation>安装中的文件</translation>
    </message>
    <message>
        <source>Install Bitlathe again, or set BITLATHE_RESOURCES to its resources folder</source>
        <translation>请重新安装 Bitlathe，或把 BITLATHE_RESOURCES 设为其 resources 文件夹</translation>
    </message>
    <message>
        <source>stopped on request</source>
        <translation>已按要求停止</translation>
    </message>
    <message>
        <source>at least %1 tokens</source>
        <translation>至少 %1 个词元</translation>
    </message>
    <message>
        <source>samples of at least one token</source>
        <translation>至少含一个词元的样本</translation>
    </message>
    <message>
        <source>no samples</source>
        <translation>没有样本</translation>
    </message>
    <message>
        <source>sample %1 without tokens</source>
        <translation>样本 %1 没有词元</translation>
    </message>
    <message>
        <source>Choose a longer text or shorter samples</source>
        <translation>请选择更长的文本或更短的样本</translation>
    </message>
    <message>
        <source>finite activations</source>
        <translation>有限的激活值</translation>
    </message>
    <message>
        <source>NaN or infinity while samples passed</source>
        <translation>样本通过时出现 NaN 或无穷大</translation>
    </message>
    <message>
        <source>Get an intact copy of the model, or compute in f32</source>
        <translation>请取得完好的模型副本，或改用 f32 计算</translation>
    </message>
    <message>
        <source>statistics of a calibration</source>
        <translation>校准的统计量</translation>
    </message>
    <message>
        <source>Delete this file and calibrate again</source>
        <translation>请删除此文件并重新校准</translation>
    </message>
    <message>
        <source>no tensor &quot;%1&quot;</source>
        <translation>没有张量“%1”</translation>
    </message>
    <message>
        <source>a tensor &quot;%1&quot; of another type or shape</source>
        <translation>张量“%1”的类型或形状不同</translation>
    </message>
    <message>
        <source>bytes that changed since they were written</source>
        <translation>写入后被改动的字节</translation>
    </message>
    <message>
        <source>a tensor &quot;%1&quot; of another size</source>
        <translation>张量“%1”的大小不同</translation>
    </message>
    <message>
        <source>an input %1 whose parts do not fit together</source>
        <translation>输入 %1 的各部分不匹配</translation>
    </message>
    <message>
        <source>the shape [%1]</source>
        <translation>形状 [%1]</translation>
    </message>
    <message>
        <source>[%1]</source>
        <translation>[%1]</translation>
    </message>
    <message>
        <source>Check that config.json and the tensor files belong together</source>
        <translation>请检查 config.json 与张量文件是否配套</translation>
    </message>
    <message>
        <source>an object</source>
        <translation>一个对象</translation>
    </message>
    <message>
        <source>another JSON value</source>
        <translation>其他 JSON 值</translation>
    </message>
    <message>
        <source>the index does not place this tensor in %1</source>
        <translation>索引并未把此张量放在 %1 中</translation>
    </message>
    <message>
        <source>Check that all files are of one download</source>
        <translation>请检查所有文件是否来自同一次下载</translation>
    </message>
    <message>
        <source>the tensor %1, as the index says</source>
        <translation>索引所述的张量 %1</translation>
    </message>
    <message>
        <source>no such tensor in it</source>
        <translation>其中没有该张量</translation>
    </message>
    <message>
        <source>Download the index and the file again</source>
        <translation>请重新下载索引和该文件</translation>
    </message>
    <message>
        <source>a tensor in one file</source>
        <translation>张量只在一个文件中</translation>
    </message>
    <message>
        <source>it in %1 and in %2</source>
        <translation>它同时在 %1 和 %2 中</translation>
    </message>
    <message>
        <source>Open one of the files instead of the folder, or remove what does not belong to the model</source>
        <translation>请打开其中一个文件而非文件夹，或移走不属于该模型的文件</translation>
    </message>
    <message>
        <source>the tensor %1</source>
        <translation>张量 %1</translation>
    </message>
    <message>
        <source>no tensor of that name</source>
        <translation>没有该名称的张量</translation>
    </message>
    <message>
        <source>the tensors of this run</source>
        <translation>本次运行的张量</translation>
    </message>
    <message>
        <source>those of another run</source>
        <translation>另一次运行的张量</translation>
    </message>
    <message>
        <source>Start anew instead of resuming</source>
        <translation>请重新开始，而不是继续</translation>
    </message>
    <message>
        <source>a plain file name</source>
        <translation>单纯的文件名</translation>
    </message>
    <message>
        <source>a path</source>
        <translation>一个路径</translation>
    </message>
    <message>
        <source>%1 bytes of free space</source>
        <translation>%1 字节可用空间</translation>
    </message>
    <message>
        <source>a tensor of the plan, before the end</source>
        <translation>结束前写入计划中的张量</translation>
    </message>
    <message>
        <source>a write of another one, or too late</source>
        <translation>写入了其他张量，或写入过晚</translation>
    </message>
    <message>
        <source>%1 bytes</source>
        <translation>%1 字节</translation>
    </message>
    <message>
        <source>it was never written</source>
        <translation>从未写入</translation>
    </message>
    <message>
        <source>a sealed folder</source>
        <translation>已封存的文件夹</translation>
    </message>
    <message>
        <source>an open one</source>
        <translation>未封存的文件夹</translation>
    </message>
    <message>
        <source>an object weight_map</source>
        <translation>对象 weight_map</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>a file of this folder for the tensor %1</source>
        <translation>张量 %1 对应此文件夹中的文件</translation>
    </message>
    <message>
        <source>a file that %1 lists</source>
        <translation>%1 列出的文件</translation>
    </message>
    <message>
        <source>Download the missing file into this folder</source>
        <translation>请把缺少的文件下载到此文件夹</translation>
    </message>
    <message>
        <source>%1 files as %2 says</source>
        <translation>%2 所述的 %1 个文件</translation>
    </message>
    <message>
        <source>Download the missing files into this folder</source>
        <translation>请把缺少的文件下载到此文件夹</translation>
    </message>
    <message>
        <source>Download the safetensors version of this model</source>
        <translation>请下载此模型的 safetensors 版本</translation>
    </message>
    <message>
        <source>a model folder with .safetensors files</source>
        <translation>含 .safetensors 文件的模型文件夹</translation>
    </message>
    <message>
        <source>Choose the folder that holds config.json and model.safetensors</source>
        <translation>请选择含 config.json 和 model.safetensors 的文件夹</translation>
    </message>
    <message>
        <source>a file of another kind</source>
        <translation>其他类型的文件</translation>
    </message>
    <message>
        <source>Choose the folder that holds config.json</source>
        <translation>请选择含 config.json 的文件夹</translation>
    </message>
    <message>
        <source>Download the file again</source>
        <translation>请重新下载该文件</translation>
    </message>
    <message>
        <source>an object for %1</source>
        <translation>%1 为对象</translation>
    </message>
    <message>
        <source>another value</source>
        <translation>其他值</translation>
    </message>
    <message>
        <source>strings in %1</source>
        <translation>%1 中为字符串</translation>
    </message>
    <message>
        <source>another value for %1</source>
        <translation>%1 为其他值</translation>
    </message>
    <message>
        <source>a name for the dtype of the tensor %1</source>
        <translation>张量 %1 的 dtype 名称</translation>
    </message>
    <message>
        <source>data_offsets [begin, end] for the tensor %1</source>
        <translation>张量 %1 的 data_offsets [begin, end]</translation>
    </message>
    <message>
        <source>a shape of whole numbers for the tensor %1</source>
        <translation>张量 %1 的形状为整数</translation>
    </message>
    <message>
        <source>a flat header</source>
        <translation>扁平的文件头</translation>
    </message>
    <message>
        <source>deeply nested JSON</source>
        <translation>嵌套很深的 JSON</translation>
    </message>
    <message>
        <source>names of at most %1 bytes</source>
        <translation>名称最多 %1 字节</translation>
    </message>
    <message>
        <source>each key once</source>
        <translation>每个键只出现一次</translation>
    </message>
    <message>
        <source>&quot;%1&quot; twice</source>
        <translation>“%1”出现两次</translation>
    </message>
    <message>
        <source>a %1 for the tensor %2</source>
        <translation>张量 %2 的 %1</translation>
    </message>
    <message>
        <source>a header in JSON</source>
        <translation>JSON 文件头</translation>
    </message>
    <message>
        <source>a regular file</source>
        <translation>普通文件</translation>
    </message>
    <message>
        <source>a folder, pipe or device</source>
        <translation>文件夹、管道或设备</translation>
    </message>
    <message>
        <source>a new or empty folder</source>
        <translation>新的或空的文件夹</translation>
    </message>
    <message>
        <source>a file or link of that name</source>
        <translation>同名的文件或链接</translation>
    </message>
    <message>
        <source>Choose another name</source>
        <translation>请换一个名称</translation>
    </message>
    <message>
        <source>a folder with files</source>
        <translation>含文件的文件夹</translation>
    </message>
    <message>
        <source>Choose another name or allow overwriting</source>
        <translation>请换一个名称或允许覆盖</translation>
    </message>
    <message>
        <source>a folder that holds no model</source>
        <translation>不含模型的文件夹</translation>
    </message>
    <message>
        <source>no name</source>
        <translation>没有名称</translation>
    </message>
    <message>
        <source>Name a folder</source>
        <translation>请指定文件夹</translation>
    </message>
    <message>
        <source>one process that writes it</source>
        <translation>只有一个进程写入</translation>
    </message>
    <message>
        <source>another one that holds %1</source>
        <translation>另一个进程正占用 %1</translation>
    </message>
    <message>
        <source>Wait for the other run to end or choose another folder</source>
        <translation>请等另一运行结束或选择其他文件夹</translation>
    </message>
    <message>
        <source>at least %1 bytes</source>
        <translation>至少 %1 字节</translation>
    </message>
    <message>
        <source>The download did not end; download the file again</source>
        <translation>下载未完成；请重新下载该文件</translation>
    </message>
    <message>
        <source>a safetensors header of at most %1 bytes</source>
        <translation>不超过 %1 字节的 safetensors 文件头</translation>
    </message>
    <message>
        <source>a header that begins with {</source>
        <translation>以 { 开头的文件头</translation>
    </message>
    <message>
        <source>something else</source>
        <translation>其他内容</translation>
    </message>
    <message>
        <source>the tensor %1 to end behind its begin</source>
        <translation>张量 %1 的终点在起点之后</translation>
    </message>
    <message>
        <source>data_offsets [%1, %2]</source>
        <translation>data_offsets [%1, %2]</translation>
    </message>
    <message>
        <source>the tensor %1 of shape [%2] and type %3 to fill its bytes</source>
        <translation>形状 [%2]、类型 %3 的张量 %1 恰好填满其字节</translation>
    </message>
    <message>
        <source>left out of %1: its element type %2 is not known</source>
        <translation>已从 %1 中略去：元素类型 %2 未知</translation>
    </message>
    <message>
        <source>Work goes on where no layer needs this tensor</source>
        <translation>若无层需要此张量，工作可继续</translation>
    </message>
    <message>
        <source>the tensor %1 at offset %2</source>
        <translation>张量 %1 位于偏移 %2</translation>
    </message>
    <message>
        <source>%1, which leaves a hole or an overlap</source>
        <translation>%1，留下空洞或重叠</translation>
    </message>
    <message>
        <source>one tensor of that name</source>
        <translation>该名称的一个张量</translation>
    </message>
    <message>
        <source>two</source>
        <translation>两个</translation>
    </message>
    <message>
        <source>a shape that fits a file</source>
        <translation>与文件相符的形状</translation>
    </message>
    <message>
        <source>finite numbers</source>
        <translation>有限的数值</translation>
    </message>
    <message>
        <source>NaN at %1</source>
        <translation>%1 处有 NaN</translation>
    </message>
    <message>
        <source>infinity at %1</source>
        <translation>%1 处有无穷大</translation>
    </message>
    <message>
        <source>Download the model again, or take a checkpoint that was saved before training diverged</source>
        <translation>请重新下载模型，或取用训练发散之前保存的检查点</translation>
    </message>
    <message>
        <source>a tokenizer</source>
        <translation>分词器</translation>
    </message>
    <message>
        <source>models of one vocabulary</source>
        <translation>词表相同的模型</translation>
    </message>
    <message>
        <source>%1 and %2 tokens</source>
        <translation>%1 和 %2 个词元</translation>
    </message>
    <message>
        <source>Compare models that were made from the same one</source>
        <translation>请比较源自同一模型的模型</translation>
    </message>
    <message>
        <source>one tokenizer for all models</source>
        <translation>所有模型使用同一分词器</translation>
    </message>
    <message>
        <source>two that give other tokens</source>
        <translation>两个分词结果不同的分词器</translation>
    </message>
    <message>
        <source>the model was calibrated on the text that it is evaluated on: %1</source>
        <translation>模型用评估文本做过校准：%1</translation>
    </message>
    <message>
        <source>Evaluate on another text: this perplexity is too good</source>
        <translation>请换一段文本评估：此困惑度偏好</translation>
    </message>
    <message>
        <source>at least one model folder</source>
        <translation>至少一个模型文件夹</translation>
    </message>
    <message>
        <source>Choose a longer text</source>
        <translation>请选择更长的文本</translation>
    </message>
    <message>
        <source>compressed-tensors (pack-quantized)</source>
        <translation>compressed-tensors (pack-quantized)</translation>
    </message>
    <message>
        <source>integer codes for compressed-tensors</source>
        <translation>compressed-tensors 所需的整数编码</translation>
    </message>
    <message>
        <source>another kind of code</source>
        <translation>其他类型的编码</translation>
    </message>
    <message>
        <source>Choose another format or another method</source>
        <translation>请选择其他格式或其他方法</translation>
    </message>
    <message>
        <source>2, 4 or 8 bits for compressed-tensors</source>
        <translation>compressed-tensors 所需的 2、4 或 8 位</translation>
    </message>
    <message>
        <source>%1 bits</source>
        <translation>%1 位</translation>
    </message>
    <message>
        <source>Choose 4 or 8 bits, or the format dense</source>
        <translation>请选择 4 或 8 位，或 dense 格式</translation>
    </message>
    <message>
        <source>a group size that divides its %1 inputs, for compressed-tensors</source>
        <translation>compressed-tensors 所需的、能整除其 %1 个输入的分组大小</translation>
    </message>
    <message>
        <source>Choose another group size or one scale per channel, for this layer or for all</source>
        <translation>请为此层或所有层选择其他分组大小，或每通道一个缩放因子</translation>
    </message>
    <message>
        <source>asks for quantized activations; here only the weights are, activations stay in full precision</source>
        <translation>要求量化激活值；此处只量化权重，激活值保留全精度</translation>
    </message>
    <message>
        <source>Expect slightly better quality here than in a runtime that quantizes activations</source>
        <translation>此处质量会略好于量化激活值的运行时</translation>
    </message>
    <message>
        <source>asks for a quantized KV cache; here it stays in full precision</source>
        <translation>要求量化 KV Cache；此处保留全精度</translation>
    </message>
    <message>
        <source>Expect slightly better quality here than in a runtime that quantizes it</source>
        <translation>此处质量会略好于量化它的运行时</translation>
    </message>
    <message>
        <source>Quantize the unquantized model again with a scheme of 8 bits or less and integer codes</source>
        <translation>请用不超过 8 位的整数编码方案重新量化未量化的模型</translation>
    </message>
    <message>
        <source>a list of names as %1</source>
        <translation>%1 为名称列表</translation>
    </message>
    <message>
        <source>regular expressions in %1</source>
        <translation>%1 中为正则表达式</translation>
    </message>
    <message>
        <source>Replace the pattern by the full names of the layers</source>
        <translation>请用层的完整名称替换该模式</translation>
    </message>
    <message>
        <source>patterns of at most %1 characters in %2</source>
        <translation>%2 中的模式最多 %1 个字符</translation>
    </message>
    <message>
        <source>one of %1</source>
        <translation>%1 之一</translation>
    </message>
    <message>
        <source>Replace it by several shorter patterns</source>
        <translation>请改用几个较短的模式</translation>
    </message>
    <message>
        <source>the layout pack-quantized or int-quantized</source>
        <translation>布局 pack-quantized 或 int-quantized</translation>
    </message>
    <message>
        <source>the strategy group, channel or tensor</source>
        <translation>策略 group、channel 或 tensor</translation>
    </message>
    <message>
        <source>quantized weights</source>
        <translation>量化的权重</translation>
    </message>
    <message>
        <source>none in this group</source>
        <translation>此组中没有</translation>
    </message>
    <message>
        <source>integer weights</source>
        <translation>整数权重</translation>
    </message>
    <message>
        <source>2, 3, 4, 5, 6 or 8 bits</source>
        <translation>2、3、4、5、6 或 8 位</translation>
    </message>
    <message>
        <source>7</source>
        <translation>7</translation>
    </message>
    <message>
        <source>quantization_status compressed</source>
        <translation>quantization_status 为 compressed</translation>
    </message>
    <message>
        <source>Save the model compressed with the tool that wrote it</source>
        <translation>请用原工具以压缩形式保存模型</translation>
    </message>
    <message>
        <source>weights that are not stored sparse</source>
        <translation>非稀疏存储的权重</translation>
    </message>
    <message>
        <source>a sparsity_config</source>
        <translation>sparsity_config</translation>
    </message>
    <message>
        <source>Save the model without sparse compression</source>
        <translation>请不用稀疏压缩保存模型</translation>
    </message>
    <message>
        <source>weights without transforms</source>
        <translation>无变换的权重</translation>
    </message>
    <message>
        <source>a transform_config</source>
        <translation>transform_config</translation>
    </message>
    <message>
        <source>Quantize the model without rotations</source>
        <translation>请不使用旋转来量化模型</translation>
    </message>
    <message>
        <source>an object config_groups</source>
        <translation>对象 config_groups</translation>
    </message>
    <message>
        <source>%1 %2</source>
        <translation>%1 %2</translation>
    </message>
    <message>
        <source>a width that tells how %1-bit codes are packed</source>
        <translation>能说明 %1 位编码打包方式的宽度</translation>
    </message>
    <message>
        <source>%1, which fits both ways</source>
        <translation>%1，两种方式都符合</translation>
    </message>
    <message>
        <source>Quantize this model with 4 or 8 bits</source>
        <translation>请用 4 或 8 位量化此模型</translation>
    </message>
    <message>
        <source>values in %1 ... %2</source>
        <translation>%1 至 %2 之间的值</translation>
    </message>
    <message>
        <source>others</source>
        <translation>其他值</translation>
    </message>
    <message>
        <source>groups in 0 ... %1</source>
        <translation>0 至 %1 之间的分组</translation>
    </message>
    <message>
        <source>Dense (dequantized safetensors)</source>
        <translation>稠密（反量化的 safetensors）</translation>
    </message>
    <message>
        <source>a quantized layer</source>
        <translation>量化的层</translation>
    </message>
    <message>
        <source>one in full precision</source>
        <translation>全精度的层</translation>
    </message>
    <message>
        <source>Read it as a dense layer</source>
        <translation>请按稠密层读取</translation>
    </message>
    <message>
        <source>a layer as planned (%1)</source>
        <translation>与计划一致的层（%1）</translation>
    </message>
    <message>
        <source>%1, [%2, %3]</source>
        <translation>%1，[%2, %3]</translation>
    </message>
    <message>
        <source>%1 quantized layers</source>
        <translation>%1 个量化层</translation>
    </message>
    <message>
        <source>Report this: the written configuration does not describe the layers</source>
        <translation>请报告此问题：写出的配置与各层不符</translation>
    </message>
    <message>
        <source>a quantized tensor where a scheme says so</source>
        <translation>方案要求量化处为量化张量</translation>
    </message>
    <message>
        <source>one without a scheme</source>
        <translation>没有方案的张量</translation>
    </message>
    <message>
        <source>%1 schemes</source>
        <translation>%1 个方案</translation>
    </message>
    <message>
        <source>Check the spelling</source>
        <translation>请检查拼写</translation>
    </message>
    <message>
        <source>an unquantized model or one quantized as %1</source>
        <translation>未量化的模型，或以 %1 量化的模型</translation>
    </message>
    <message>
        <source>the quantization method %1</source>
        <translation>量化方法 %1</translation>
    </message>
    <message>
        <source>Open the unquantized model, or convert this one with the tool that wrote it</source>
        <translation>请打开未量化的模型，或用原工具转换此模型</translation>
    </message>
    <message>
        <source>the model&apos;s configuration</source>
        <translation>模型的配置</translation>
    </message>
    <message>
        <source>no such file</source>
        <translation>没有该文件</translation>
    </message>
    <message>
        <source>Copy config.json from the model&apos;s original folder</source>
        <translation>请从模型的原始文件夹复制 config.json</translation>
    </message>
    <message>
        <source>Check that config.json and the tensor files belong together and are complete</source>
        <translation>请检查 config.json 与张量文件是否配套且完整</translation>
    </message>
    <message>
        <source>the tensors of config.json</source>
        <translation>config.json 所述的张量</translation>
    </message>
    <message>
        <source>%1 missing: %2%3</source>
        <translation>缺少 %1 个：%2%3</translation>
    </message>
    <message>
        <source>what was written</source>
        <translation>写入的内容</translation>
    </message>
    <message>
        <source>other bytes</source>
        <translation>不同的字节</translation>
    </message>
    <message>
        <source>Check the disk, then run the export again</source>
        <translation>请检查磁盘，然后重新导出</translation>
    </message>
    <message>
        <source>has scales that are zero (%1 in the whole model): their weights are all zero</source>
        <translation>含为零的缩放因子（整个模型共 %1 个）：其权重全为零</translation>
    </message>
    <message>
        <source>has negative scales (%1 in the whole model), which some runtimes do not expect</source>
        <translation>含负的缩放因子（整个模型共 %1 个），某些运行时不支持</translation>
    </message>
    <message>
        <source>Quantize the model again</source>
        <translation>请重新量化模型</translation>
    </message>
    <message>
        <source>has no tokenizer that can be used: %1</source>
        <translation>没有可用的分词器：%1</translation>
    </message>
    <message>
        <source>a floating-point tensor</source>
        <translation>浮点张量</translation>
    </message>
    <message>
        <source>Open the folder as the quantized model it seems to be</source>
        <translation>请把该文件夹作为量化模型打开</translation>
    </message>
    <message>
        <source>a divisor of %1 heads</source>
        <translation>%1 个头的约数</translation>
    </message>
    <message>
        <source>a multiple of %1 heads</source>
        <translation>%1 个头的倍数</translation>
    </message>
    <message>
        <source>an even number, at most %1 over all heads</source>
        <translation>偶数，所有头合计不超过 %1</translation>
    </message>
    <message>
        <source>the activation %1</source>
        <translation>激活函数 %1</translation>
    </message>
    <message>
        <source>at least one token</source>
        <translation>至少一个词元</translation>
    </message>
    <message>
        <source>Give a prompt, or a tokenizer that prepends a token</source>
        <translation>请给出提示，或使用会在前面加词元的分词器</translation>
    </message>
    <message>
        <source>0 or more</source>
        <translation>不小于 0</translation>
    </message>
    <message>
        <source>Correct the setting</source>
        <translation>请更正此设置</translation>
    </message>
    <message>
        <source>a model whose forward pass is known (%1)</source>
        <translation>前向计算已知的模型（%1）</translation>
    </message>
    <message>
        <source>Methods that need no calibration, such as rtn, still quantize it</source>
        <translation>无需校准的方法（如 rtn）仍可量化它</translation>
    </message>
    <message>
        <source>an id from 0 to %1</source>
        <translation>0 至 %1 之间的编号</translation>
    </message>
    <message>
        <source>Use the tokenizer that belongs to the model</source>
        <translation>请使用该模型自己的分词器</translation>
    </message>
    <message>
        <source>%1 to be an integer or a list of them</source>
        <translation>%1 为整数或整数列表</translation>
    </message>
    <message>
        <source>an object with the model&apos;s settings</source>
        <translation>含模型设置的对象</translation>
    </message>
    <message>
        <source>an empty one or no config.json</source>
        <translation>空对象或没有 config.json</translation>
    </message>
    <message>
        <source>Put the model&apos;s config.json beside its weights</source>
        <translation>请把模型的 config.json 放在权重旁</translation>
    </message>
    <message>
        <source>the model type %1</source>
        <translation>模型类型 %1</translation>
    </message>
    <message>
        <source>Choose one of these shapes</source>
        <translation>请选择其中一种形状</translation>
    </message>
    <message>
        <source>Correct the dimensions of the shape</source>
        <translation>请更正形状的维度</translation>
    </message>
    <message>
        <source>the rope scaling %1</source>
        <translation>RoPE 缩放 %1</translation>
    </message>
    <message>
        <source>1 or more</source>
        <translation>不小于 1</translation>
    </message>
    <message>
        <source>an object or null</source>
        <translation>对象或 null</translation>
    </message>
    <message>
        <source>rope on a part of each head only</source>
        <translation>只对每个头的一部分使用 RoPE</translation>
    </message>
    <message>
        <source>a number above 1</source>
        <translation>大于 1 的数</translation>
    </message>
    <message>
        <source>0 (greedy) or more</source>
        <translation>0（贪心）或更大</translation>
    </message>
    <message>
        <source>0 (off) or more</source>
        <translation>0（关）或更大</translation>
    </message>
    <message>
        <source>above 0 and at most 1 (off)</source>
        <translation>大于 0 且不超过 1（关）</translation>
    </message>
    <message>
        <source>above 0; 1 is off</source>
        <translation>大于 0；1 为关</translation>
    </message>
    <message>
        <source>this override matches no layer</source>
        <translation>此覆盖设置与任何层都不匹配</translation>
    </message>
    <message>
        <source>Compare the pattern with the layer names that inspect lists</source>
        <translation>请将模式与 inspect 列出的层名对照</translation>
    </message>
    <message>
        <source>the overrides keep every layer in full precision</source>
        <translation>覆盖设置使所有层都保留全精度</translation>
    </message>
    <message>
        <source>Narrow their patterns</source>
        <translation>请缩小其模式</translation>
    </message>
    <message>
        <source>the calibration text is also the evaluation text</source>
        <translation>校准文本同时也是评估文本</translation>
    </message>
    <message>
        <source>Evaluate on another text: this perplexity will be too good</source>
        <translation>请换一段文本评估：此困惑度会偏好</translation>
    </message>
    <message>
        <source>the run needs about %1 MiB of memory; %2 MiB are free</source>
        <translation>运行约需 %1 MiB 内存；可用 %2 MiB</translation>
    </message>
    <message>
        <source>Close other programs, or evaluate in a run of its own</source>
        <translation>请关闭其他程序，或另行评估</translation>
    </message>
    <message>
        <source>the run needs about %1 MiB of disk; %2 MiB are free</source>
        <translation>运行约需 %1 MiB 磁盘；可用 %2 MiB</translation>
    </message>
    <message>
        <source>a whole number from %1 to %2</source>
        <translation>%1 至 %2 的整数</translation>
    </message>
    <message>
        <source>a pattern over layer names</source>
        <translation>针对层名的模式</translation>
    </message>
    <message>
        <source>an empty one</source>
        <translation>空模式</translation>
    </message>
    <message>
        <source>Write for example &quot;*.down_proj&quot;</source>
        <translation>例如可写 &quot;*.down_proj&quot;</translation>
    </message>
    <message>
        <source>a model folder</source>
        <translation>模型文件夹</translation>
    </message>
    <message>
        <source>Name the folder that holds config.json</source>
        <translation>请指定含 config.json 的文件夹</translation>
    </message>
    <message>
        <source>calibration text for the method %1</source>
        <translation>方法 %1 所需的校准文本</translation>
    </message>
    <message>
        <source>Name a text file, or choose the method rtn, which needs none</source>
        <translation>请指定文本文件，或选择无需文本的 rtn 方法</translation>
    </message>
    <message>
        <source>a folder to write</source>
        <translation>要写入的文件夹</translation>
    </message>
    <message>
        <source>Name a folder that does not exist yet</source>
        <translation>请指定尚不存在的文件夹</translation>
    </message>
    <message>
        <source>keys and values under %1</source>
        <translation>%1 下的键和值</translation>
    </message>
    <message>
        <source>a name as key</source>
        <translation>以名称为键</translation>
    </message>
    <message>
        <source>one of the keys %1</source>
        <translation>键 %1 之一</translation>
    </message>
    <message>
        <source>&quot;%1&quot;</source>
        <translation>“%1”</translation>
    </message>
    <message>
        <source>Correct or remove that key</source>
        <translation>请更正或删除该键</translation>
    </message>
    <message>
        <source>%1 again</source>
        <translation>重复的 %1</translation>
    </message>
    <message>
        <source>a text for %1</source>
        <translation>%1 为文本</translation>
    </message>
    <message>
        <source>a whole number for %1</source>
        <translation>%1 为整数</translation>
    </message>
    <message>
        <source>true or false for %1</source>
        <translation>%1 为 true 或 false</translation>
    </message>
    <message>
        <source>%1 to be one of %2</source>
        <translation>%1 为 %2 之一</translation>
    </message>
    <message>
        <source>a number, channel or tensor for %1</source>
        <translation>%1 为数字、channel 或 tensor</translation>
    </message>
    <message>
        <source>a pattern for %1</source>
        <translation>%1 为模式</translation>
    </message>
    <message>
        <source>Write for example pattern: &quot;*.down_proj&quot;</source>
        <translation>例如可写 pattern: &quot;*.down_proj&quot;</translation>
    </message>
    <message>
        <source>%1 to be automatic where scheme.scale_dtype is, and only there</source>
        <translation>%1 当且仅当 scheme.scale_dtype 为自动时才为自动</translation>
    </message>
    <message>
        <source>a list for overrides</source>
        <translation>overrides 为列表</translation>
    </message>
    <message>
        <source>version: %1</source>
        <translation>version: %1</translation>
    </message>
    <message>
        <source>version %1</source>
        <translation>版本 %1</translation>
    </message>
    <message>
        <source>no version</source>
        <translation>没有版本</translation>
    </message>
    <message>
        <source>Use a recipe that this version of the program wrote</source>
        <translation>请使用此版本程序写出的配方</translation>
    </message>
    <message>
        <source>one recipe in the file</source>
        <translation>文件中只有一个配方</translation>
    </message>
    <message>
        <source>more than one document</source>
        <translation>多于一个文档</translation>
    </message>
    <message>
        <source>YAML</source>
        <translation>YAML</translation>
    </message>
    <message>
        <source>a fault in column %1 (%2)</source>
        <translation>第 %1 列有错误（%2）</translation>
    </message>
    <message>
        <source>Correct that line</source>
        <translation>请更正该行</translation>
    </message>
    <message>
        <source>a quantized weight of %1 x %2</source>
        <translation>%1 x %2 的量化权重</translation>
    </message>
    <message>
        <source>one of %1 x %2</source>
        <translation>%1 x %2 的权重</translation>
    </message>
    <message>
        <source>Use quantized weights and config.json of the same model</source>
        <translation>请使用同一模型的量化权重和 config.json</translation>
    </message>
    <message>
        <source>Choose one of these methods</source>
        <translation>请选择其中一种方法</translation>
    </message>
    <message>
        <source>finite weights</source>
        <translation>有限的权重</translation>
    </message>
    <message>
        <source>%1 in row %2, column %3</source>
        <translation>第 %2 行第 %3 列有 %1</translation>
    </message>
    <message>
        <source>Get an intact copy of the model, or leave this layer out</source>
        <translation>请取得完好的模型副本，或不量化此层</translation>
    </message>
    <message>
        <source>%1 of %2 scales are too large or too small for %3 and changed by more than 1 %</source>
        <translation>%2 个缩放因子中有 %1 个对 %3 过大或过小，变化超过 1 %</translation>
    </message>
    <message>
        <source>Store scales as BF16 or F32</source>
        <translation>请以 BF16 或 F32 存储缩放因子</translation>
    </message>
    <message>
        <source>a regular expression after &quot;re:&quot;</source>
        <translation>“re:”之后的正则表达式</translation>
    </message>
    <message>
        <source>one that cannot be read (%1)</source>
        <translation>无法解读的表达式（%1）</translation>
    </message>
    <message>
        <source>Correct the pattern, or use * and ? without &quot;re:&quot;</source>
        <translation>请更正模式，或不写“re:”而用 * 和 ?</translation>
    </message>
    <message>
        <source>a uniform integer grid</source>
        <translation>均匀的整数网格</translation>
    </message>
    <message>
        <source>another kind of scheme</source>
        <translation>其他类型的方案</translation>
    </message>
    <message>
        <source>Choose a method that knows this kind</source>
        <translation>请选择支持该类型的方法</translation>
    </message>
    <message>
        <source>Choose one of these widths</source>
        <translation>请选择其中一种位数</translation>
    </message>
    <message>
        <source>a number from %1 to %2, &quot;channel&quot; or &quot;tensor&quot;</source>
        <translation>%1 至 %2 的数字、“channel”或“tensor”</translation>
    </message>
    <message>
        <source>Try 128</source>
        <translation>可试 128</translation>
    </message>
    <message>
        <source>F16, BF16 or F32</source>
        <translation>F16、BF16 或 F32</translation>
    </message>
    <message>
        <source>Choose one of these types</source>
        <translation>请选择其中一种类型</translation>
    </message>
    <message>
        <source>a drawing is left out of this report: %1</source>
        <translation>此报告略去一幅图：%1</translation>
    </message>
    <message>
        <source>a layer of the model</source>
        <translation>模型的层</translation>
    </message>
    <message>
        <source>none of that name</source>
        <translation>没有该名称的层</translation>
    </message>
    <message>
        <source>a file name that ends in .html, .csv or .json</source>
        <translation>以 .html、.csv 或 .json 结尾的文件名</translation>
    </message>
    <message>
        <source>no ending</source>
        <translation>没有扩展名</translation>
    </message>
    <message>
        <source>the ending %1</source>
        <translation>扩展名 %1</translation>
    </message>
    <message>
        <source>the history of runs</source>
        <translation>运行历史</translation>
    </message>
    <message>
        <source>a database that can&apos;t be used (%1)</source>
        <translation>无法使用的数据库（%1）</translation>
    </message>
    <message>
        <source>Check the folder&apos;s permissions and free space, or move the file away</source>
        <translation>请检查文件夹权限和可用空间，或移走该文件</translation>
    </message>
    <message>
        <source>a history of version %1 at most</source>
        <translation>版本不超过 %1 的历史</translation>
    </message>
    <message>
        <source>Update the program, or move the file away</source>
        <translation>请更新程序，或移走该文件</translation>
    </message>
    <message>
        <source>a run of the history</source>
        <translation>历史中的运行</translation>
    </message>
    <message>
        <source>no such run</source>
        <translation>没有该运行</translation>
    </message>
    <message>
        <source>See the list of runs</source>
        <translation>请查看运行列表</translation>
    </message>
    <message>
        <source>a run that was finished</source>
        <translation>已完成的运行</translation>
    </message>
    <message>
        <source>one without a result</source>
        <translation>没有结果的运行</translation>
    </message>
    <message>
        <source>Resume it, or run its recipe again</source>
        <translation>请继续该运行，或重新运行其配方</translation>
    </message>
    <message>
        <source>a fault in the program (%1)</source>
        <translation>程序故障（%1）</translation>
    </message>
    <message>
        <source>Please report it together with the log</source>
        <translation>请连同日志一起报告</translation>
    </message>
    <message>
        <source>a journal of version %1</source>
        <translation>版本 %1 的记录</translation>
    </message>
    <message>
        <source>Go on with the version of the program that began the run</source>
        <translation>请用开始该运行的程序版本继续</translation>
    </message>
    <message>
        <source>the journal of an interrupted run</source>
        <translation>被中断运行的记录</translation>
    </message>
    <message>
        <source>a damaged one (%1)</source>
        <translation>损坏的记录（%1）</translation>
    </message>
    <message>
        <source>Start the run anew</source>
        <translation>请重新开始运行</translation>
    </message>
    <message>
        <source>an interrupted run</source>
        <translation>被中断的运行</translation>
    </message>
    <message>
        <source>Check the folder&apos;s name, or start the run anew</source>
        <translation>请检查文件夹名称，或重新开始运行</translation>
    </message>
    <message>
        <source>a header line</source>
        <translation>标题行</translation>
    </message>
    <message>
        <source>%1 for &quot;%2&quot;</source>
        <translation>“%2”为 %1</translation>
    </message>
    <message>
        <source>Run again: the record of this run is damaged</source>
        <translation>请重新运行：此运行的记录已损坏</translation>
    </message>
    <message>
        <source>a folder that a run has written (with %1)</source>
        <translation>由运行写出的文件夹（含 %1）</translation>
    </message>
    <message>
        <source>Check the folder&apos;s name</source>
        <translation>请检查文件夹名称</translation>
    </message>
    <message>
        <source>an interrupted run of this recipe</source>
        <translation>此配方被中断的运行</translation>
    </message>
    <message>
        <source>a finished one or one of another recipe</source>
        <translation>已完成的运行，或其他配方的运行</translation>
    </message>
    <message>
        <source>a run begun by version %1</source>
        <translation>由版本 %1 开始的运行</translation>
    </message>
    <message>
        <source>one by version %1</source>
        <translation>由版本 %1 开始的运行</translation>
    </message>
    <message>
        <source>a run of this recipe</source>
        <translation>此配方的运行</translation>
    </message>
    <message>
        <source>one of another recipe</source>
        <translation>其他配方的运行</translation>
    </message>
    <message>
        <source>a run of this model</source>
        <translation>此模型的运行</translation>
    </message>
    <message>
        <source>the model has changed since it was begun</source>
        <translation>开始之后模型已改变</translation>
    </message>
    <message>
        <source>layers of this model in the journal</source>
        <translation>记录中为此模型的层</translation>
    </message>
    <message>
        <source>another</source>
        <translation>其他</translation>
    </message>
    <message>
        <source>Calibrating</source>
        <translation>正在校准</translation>
    </message>
    <message>
        <source>the text gives %1 of the %2 samples asked for</source>
        <translation>文本只能给出所需 %2 个样本中的 %1 个</translation>
    </message>
    <message>
        <source>Use a longer text, or ask for fewer samples</source>
        <translation>请使用更长的文本，或减少样本数</translation>
    </message>
    <message>
        <source>Quantizing</source>
        <translation>正在量化</translation>
    </message>
    <message>
        <source>Quantizing block %1 of %2</source>
        <translation>正在量化第 %1/%2 块</translation>
    </message>
    <message>
        <source>no token of the calibration text reached this layer</source>
        <translation>校准文本没有词元到达此层</translation>
    </message>
    <message>
        <source>Use more samples</source>
        <translation>请使用更多样本</translation>
    </message>
    <message>
        <source>Writing and verifying</source>
        <translation>正在写入和核对</translation>
    </message>
    <message>
        <source>Evaluating</source>
        <translation>正在评估</translation>
    </message>
    <message>
        <source>an Arrow stream</source>
        <translation>Arrow 流</translation>
    </message>
    <message>
        <source>%1 more bytes</source>
        <translation>还有 %1 字节</translation>
    </message>
    <message>
        <source>%1 before the end of the file</source>
        <translation>文件结尾前有 %1</translation>
    </message>
    <message>
        <source>a column of strings</source>
        <translation>字符串列</translation>
    </message>
    <message>
        <source>the columns %1</source>
        <translation>列 %1</translation>
    </message>
    <message>
        <source>Write the text as .jsonl or as a plain string column</source>
        <translation>请把文本写为 .jsonl 或普通字符串列</translation>
    </message>
    <message>
        <source>Arrow buffers without compression</source>
        <translation>未压缩的 Arrow 缓冲区</translation>
    </message>
    <message>
        <source>compressed ones</source>
        <translation>压缩的缓冲区</translation>
    </message>
    <message>
        <source>Write the file without compression, or compress the whole file to .arrow.zst</source>
        <translation>请不压缩写出文件，或把整个文件压缩为 .arrow.zst</translation>
    </message>
    <message>
        <source>UTF-8 text in column %1</source>
        <translation>列 %1 为 UTF-8 文本</translation>
    </message>
    <message>
        <source>Write the text as UTF-8</source>
        <translation>请以 UTF-8 写出文本</translation>
    </message>
    <message>
        <source>an Arrow schema</source>
        <translation>Arrow 架构</translation>
    </message>
    <message>
        <source>damaged bytes</source>
        <translation>损坏的字节</translation>
    </message>
    <message>
        <source>little-endian Arrow data</source>
        <translation>小端 Arrow 数据</translation>
    </message>
    <message>
        <source>big-endian data</source>
        <translation>大端数据</translation>
    </message>
    <message>
        <source>Write the file on another machine</source>
        <translation>请在其他机器上写出该文件</translation>
    </message>
    <message>
        <source>columns of the usual Arrow types</source>
        <translation>常见 Arrow 类型的列</translation>
    </message>
    <message>
        <source>one of type %1</source>
        <translation>类型为 %1 的列</translation>
    </message>
    <message>
        <source>one of type number %1</source>
        <translation>类型编号为 %1 的列</translation>
    </message>
    <message>
        <source>%1 data</source>
        <translation>%1 数据</translation>
    </message>
    <message>
        <source>the whole of the %1 data</source>
        <translation>完整的 %1 数据</translation>
    </message>
    <message>
        <source>a file that is cut off</source>
        <translation>被截断的文件</translation>
    </message>
    <message>
        <source>at most %1 bytes when unpacked</source>
        <translation>解压后最多 %1 字节</translation>
    </message>
    <message>
        <source>Split the text into several files</source>
        <translation>请把文本分成多个文件</translation>
    </message>
    <message>
        <source>a closing quotation mark</source>
        <translation>右引号</translation>
    </message>
    <message>
        <source>the end of the file</source>
        <translation>文件结尾</translation>
    </message>
    <message>
        <source>Write a quotation mark inside a quoted field twice</source>
        <translation>引号字段内的引号请写两次</translation>
    </message>
    <message>
        <source>a comma or the end of the line after a quoted field</source>
        <translation>引号字段后为逗号或行尾</translation>
    </message>
    <message>
        <source>more text</source>
        <translation>更多文本</translation>
    </message>
    <message>
        <source>a header line with different names</source>
        <translation>列名各不相同的标题行</translation>
    </message>
    <message>
        <source>Put a line with the names of the columns first</source>
        <translation>请在首行写上列名</translation>
    </message>
    <message>
        <source>%1 fields as in the header</source>
        <translation>与标题行一致的 %1 个字段</translation>
    </message>
    <message>
        <source>Put text that holds commas into quotation marks</source>
        <translation>含逗号的文本请加引号</translation>
    </message>
    <message>
        <source>a JSON object or string</source>
        <translation>JSON 对象或字符串</translation>
    </message>
    <message>
        <source>a value of type %1</source>
        <translation>类型为 %1 的值</translation>
    </message>
    <message>
        <source>the field %1</source>
        <translation>字段 %1</translation>
    </message>
    <message>
        <source>the fields %1</source>
        <translation>字段 %1</translation>
    </message>
    <message>
        <source>Name one of them after a # behind the file&apos;s name</source>
        <translation>请在文件名后加 # 并写上其中一个字段名</translation>
    </message>
    <message>
        <source>text in the field %1</source>
        <translation>字段 %1 为文本</translation>
    </message>
    <message>
        <source>Name a field that holds text after a # behind the file&apos;s name</source>
        <translation>请在文件名后加 # 并写上含文本的字段名</translation>
    </message>
    <message>
        <source>a field text or content, or one field with text</source>
        <translation>字段 text 或 content，或唯一的文本字段</translation>
    </message>
    <message>
        <source>a SentencePiece model</source>
        <translation>SentencePiece 模型</translation>
    </message>
    <message>
        <source>a file without a vocabulary</source>
        <translation>没有词表的文件</translation>
    </message>
    <message>
        <source>a file that is cut off or damaged</source>
        <translation>被截断或损坏的文件</translation>
    </message>
    <message>
        <source>one that the SentencePiece library refuses (%1)</source>
        <translation>SentencePiece 库拒绝的文件（%1）</translation>
    </message>
    <message>
        <source>a JSON object</source>
        <translation>JSON 对象</translation>
    </message>
    <message>
        <source>another kind of value</source>
        <translation>其他类型的值</translation>
    </message>
    <message>
        <source>%1 to name tokens by text and by an id from 0</source>
        <translation>%1 以文本和从 0 起的编号列出词元</translation>
    </message>
    <message>
        <source>an entry of another form</source>
        <translation>其他形式的条目</translation>
    </message>
    <message>
        <source>%1 to be a token of the vocabulary</source>
        <translation>%1 为词表中的词元</translation>
    </message>
    <message>
        <source>Use the tokenizer files of one and the same model</source>
        <translation>请使用同一模型的分词器文件</translation>
    </message>
    <message>
        <source>UTF-8 text</source>
        <translation>UTF-8 文本</translation>
    </message>
    <message>
        <source>the byte 0x%1</source>
        <translation>字节 0x%1</translation>
    </message>
    <message>
        <source>Save the file as UTF-8</source>
        <translation>请将文件保存为 UTF-8</translation>
    </message>
    <message>
        <source>a readable folder</source>
        <translation>可读的文件夹</translation>
    </message>
    <message>
        <source>Check the folder&apos;s permissions</source>
        <translation>请检查文件夹权限</translation>
    </message>
    <message>
        <source>text files (%1)</source>
        <translation>文本文件（%1）</translation>
    </message>
    <message>
        <source>none in the folder</source>
        <translation>文件夹中没有</translation>
    </message>
    <message>
        <source>Name a file or a folder with such files</source>
        <translation>请指定此类文件或含此类文件的文件夹</translation>
    </message>
    <message>
        <source>a text file or a folder of them</source>
        <translation>文本文件或其文件夹</translation>
    </message>
    <message>
        <source>a text file (%1)</source>
        <translation>文本文件（%1）</translation>
    </message>
    <message>
        <source>another extension</source>
        <translation>其他扩展名</translation>
    </message>
    <message>
        <source>Rename the file after what it holds</source>
        <translation>请按内容重命名该文件</translation>
    </message>
    <message>
        <source>only .arrow files or none of them in a folder</source>
        <translation>文件夹中全为或全非 .arrow 文件</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%2 个中的 %1 个</translation>
    </message>
    <message>
        <source>Put files of different kinds into folders of their own</source>
        <translation>请把不同类型的文件放入各自的文件夹</translation>
    </message>
    <message>
        <source>text</source>
        <translation>文本</translation>
    </message>
    <message>
        <source>no row</source>
        <translation>没有行</translation>
    </message>
    <message>
        <source>only white space</source>
        <translation>只有空白</translation>
    </message>
    <message>
        <source>Choose a file that holds text</source>
        <translation>请选择含文本的文件</translation>
    </message>
    <message>
        <source>a JSON array of token ids, or an object with one as input_ids</source>
        <translation>词元编号的 JSON 数组，或以其为 input_ids 的对象</translation>
    </message>
    <message>
        <source>token ids</source>
        <translation>词元编号</translation>
    </message>
    <message>
        <source>an empty array</source>
        <translation>空数组</translation>
    </message>
    <message>
        <source>a tokenizer of another kind (%1)</source>
        <translation>其他类型的分词器（%1）</translation>
    </message>
    <message>
        <source>Give token ids instead of text (ids:FILE.json)</source>
        <translation>请以词元编号代替文本 (ids:FILE.json)</translation>
    </message>
    <message>
        <source>no folder of that name</source>
        <translation>没有该名称的文件夹</translation>
    </message>
    <message>
        <source>Copy the tokenizer&apos;s files from the model&apos;s original folder</source>
        <translation>请从模型的原始文件夹复制分词器文件</translation>
    </message>
    <message>
        <source>a tokenizer of at most %1 tokens, the rows of the model&apos;s embedding</source>
        <translation>不超过 %1 个词元（模型嵌入的行数）的分词器</translation>
    </message>
    <message>
        <source>one of %1 (%2)</source>
        <translation>%1 个词元的分词器（%2）</translation>
    </message>
    <message>
        <source>Use the tokenizer that belongs to this model</source>
        <translation>请使用此模型自己的分词器</translation>
    </message>
    <message>
        <source>a tokenizer, which turns text into token ids</source>
        <translation>把文本转成词元编号的分词器</translation>
    </message>
    <message>
        <source>a model without one</source>
        <translation>没有分词器的模型</translation>
    </message>
    <message>
        <source>text that gives tokens</source>
        <translation>能产生词元的文本</translation>
    </message>
    <message>
        <source>a number above 0</source>
        <translation>大于 0 的数</translation>
    </message>
    <message>
        <source>Leave --device away</source>
        <translation>请不要指定 --device</translation>
    </message>
    <message>
        <source>a tokenizer in the folder</source>
        <translation>文件夹中的分词器</translation>
    </message>
    <message>
        <source>Give token ids with --data ids:FILE.json</source>
        <translation>请用 --data ids:FILE.json 给出词元编号</translation>
    </message>
    <message>
        <source>PATTERN=keep or PATTERN=bits:8,group:64 (also symmetric:, clipping:, act_order:)</source>
        <translation>PATTERN=keep 或 PATTERN=bits:8,group:64（也可用 symmetric:、clipping:、act_order:）</translation>
    </message>
    <message>
        <source>Quote the pattern for the shell: --override &apos;*.down_proj=bits:8&apos;</source>
        <translation>在 shell 中请给模式加引号：--override &apos;*.down_proj=bits:8&apos;</translation>
    </message>
    <message>
        <source>auto, f16, bf16 or f32</source>
        <translation>auto、f16、bf16 或 f32</translation>
    </message>
    <message>
        <source>Choose one of these</source>
        <translation>请选择其中之一</translation>
    </message>
    <message>
        <source>Perhaps &quot;%1&quot; was meant</source>
        <translation>是否指“%1”</translation>
    </message>
    <message>
        <source>a list of lists of token ids</source>
        <translation>词元编号列表的列表</translation>
    </message>
    <message>
        <source>a list of strings</source>
        <translation>字符串列表</translation>
    </message>
    <message>
        <source>an entry of type %1</source>
        <translation>类型为 %1 的条目</translation>
    </message>
    <message>
        <source>a JSON array</source>
        <translation>JSON 数组</translation>
    </message>
    <message>
        <source>the type %1</source>
        <translation>类型 %1</translation>
    </message>
    <message>
        <source>See bitlathe-cli inspect %1</source>
        <translation>请查看 bitlathe-cli inspect %1</translation>
    </message>
    <message>
        <source>a picture that can be written</source>
        <translation>可写入的图片</translation>
    </message>
    <message>
        <source>Choose a folder that you may write to</source>
        <translation>请选择有写权限的文件夹</translation>
    </message>
    <message>
        <source>a page of the window</source>
        <translation>窗口的页面</translation>
    </message>
    <message>
        <source>an end in time</source>
        <translation>及时结束</translation>
    </message>
    <message>
        <source>Calibrate again</source>
        <translation>重新校准</translation>
    </message>
    <message>
        <source>NaN or infinity</source>
        <translation>NaN 或无穷大</translation>
    </message>
    <message>
        <source>Verify the model: one of its tensors is damaged</source>
        <translation>请校验模型：其中一个张量已损坏</translation>
    </message>
    <message>
        <source>Round to nearest</source>
        <translation>就近舍入</translation>
    </message>
    <message>
        <source>Calibrating block %1 of %2</source>
        <translation>正在校准第 %1/%2 块</translation>
    </message>
    <message>
        <source>%1: perplexity %2, the base of the comparison.</source>
        <translation>%1：困惑度 %2，作为比较的基准。</translation>
    </message>
    <message>
        <source>%1: perplexity %2, no different from the %4 of %3 as far as these windows tell.</source>
        <translation>%1：困惑度 %2，就这些窗口而言与 %3 的 %4 没有差别。</translation>
    </message>
    <message>
        <source>%1: perplexity %2, %3 % (± %4 %) above the %6 of %5.</source>
        <translation>%1：困惑度 %2，比 %5 的 %6 高 %3 %（± %4 %）。</translation>
    </message>
    <message>
        <source>%1: perplexity %2, %3 % (± %4 %) below the %6 of %5.</source>
        <translation>%1：困惑度 %2，比 %5 的 %6 低 %3 %（± %4 %）。</translation>
    </message>
    <message>
        <source>The same most likely token in %1 % of places.</source>
        <translation>有 %1 % 的位置最可能的词元相同。</translation>
    </message>
    <message>
        <source>Its files take %1 % of the size.</source>
        <translation>文件大小为基准的 %1 %。</translation>
    </message>
    <message>
        <source>Perplexity over windows of %1 tokens without overlap, %2 of them from %3; the first token of each is not scored; exp(mean of window means); arithmetic %4.</source>
        <translation>困惑度：取自 %3 的 %2 个互不重叠的窗口，每个 %1 词元；每个窗口的首个词元不计分；取各窗口均值的平均再求指数；运算精度 %4。</translation>
    </message>
    <message>
        <source>Comparing</source>
        <translation>正在比较</translation>
    </message>
    <message>
        <source>Loading %1</source>
        <translation>正在加载 %1</translation>
    </message>
    <message>
        <source>Perplexity of %1</source>
        <translation>%1 的困惑度</translation>
    </message>
    <message>
        <source>Loading</source>
        <translation>正在加载</translation>
    </message>
    <message>
        <source>Computing logits</source>
        <translation>正在计算 logits</translation>
    </message>
    <message>
        <source>Verifying</source>
        <translation>正在校验</translation>
    </message>
    <message>
        <source>Writing</source>
        <translation>正在写入</translation>
    </message>
    <message>
        <source>%1 of %2 experts saw fewer calibration tokens than their input is wide; the fewest, %3 for a width of %4, reached expert %5</source>
        <translation>%2 个专家中有 %1 个见到的校准词元少于其输入宽度；最少的是专家 %5，仅 %3 个（宽度 %4）</translation>
    </message>
    <message>
        <source>Use more or longer samples</source>
        <translation>请使用更多或更长的样本</translation>
    </message>
    <message>
        <source>AWQ (gemm)</source>
        <translation>AWQ (gemm)</translation>
    </message>
    <message>
        <source>a name that holds no name of a layer in full precision, for awq</source>
        <translation>awq 要求层名不包含任何保持全精度的层的名称</translation>
    </message>
    <message>
        <source>one that does</source>
        <translation>却包含了</translation>
    </message>
    <message>
        <source>Keep this layer in full precision too, or choose another format</source>
        <translation>请让此层也保持全精度，或选择其他格式</translation>
    </message>
    <message>
        <source>the version gemm, gemv, gemv_fast or marlin</source>
        <translation>版本 gemm、gemv、gemv_fast 或 marlin</translation>
    </message>
    <message>
        <source>Save the model as gemm with the tool that wrote it</source>
        <translation>请用写出该模型的工具另存为 gemm</translation>
    </message>
    <message>
        <source>4 bits for AWQ</source>
        <translation>AWQ 为 4 位</translation>
    </message>
    <message>
        <source>Quantize the unquantized model again with 4 bits</source>
        <translation>请用 4 位重新量化未量化的模型</translation>
    </message>
    <message>
        <source>one group size in all layers for awq</source>
        <translation>awq 要求所有层的分组大小相同</translation>
    </message>
    <message>
        <source>Choose the format gptq or compressed-tensors for mixed settings</source>
        <translation>混合设置请选择 gptq 或 compressed-tensors 格式</translation>
    </message>
    <message>
        <source>groups, for %1</source>
        <translation>%1 要求分组</translation>
    </message>
    <message>
        <source>one scale for a whole row or weight</source>
        <translation>整行或整个权重共用一个缩放因子</translation>
    </message>
    <message>
        <source>Choose groups of 128, 64 or 32</source>
        <translation>请选择 128、64 或 32 的分组</translation>
    </message>
    <message>
        <source>groups that divide its %1 inputs, for %2</source>
        <translation>%2 要求分组大小整除其 %1 个输入</translation>
    </message>
    <message>
        <source>a group size of %1, for %2</source>
        <translation>%2 要求分组大小为 %1</translation>
    </message>
    <message>
        <source>inputs in multiples of %1 and outputs in multiples of %2, for %3</source>
        <translation>%3 要求输入数为 %1 的倍数，输出数为 %2 的倍数</translation>
    </message>
    <message>
        <source>%1 inputs, %2 outputs</source>
        <translation>%1 个输入，%2 个输出</translation>
    </message>
    <message>
        <source>Keep this layer in full precision with an override</source>
        <translation>请用单层设置让此层保持全精度</translation>
    </message>
    <message>
        <source>AWQ (gemv)</source>
        <translation>AWQ (gemv)</translation>
    </message>
    <message>
        <source>AWQ (gemv_fast)</source>
        <translation>AWQ (gemv_fast)</translation>
    </message>
    <message>
        <source>-scale * zero in half precision, zero in 0 ... 15</source>
        <translation>半精度的 -scale * zero，zero 在 0 … 15 之间</translation>
    </message>
    <message>
        <source>%1 for the scale %2</source>
        <translation>缩放因子 %2 对应 %1</translation>
    </message>
    <message>
        <source>compressed-tensors (int-quantized, W8A8)</source>
        <translation>compressed-tensors (int-quantized, W8A8)</translation>
    </message>
    <message>
        <source>symmetric codes of 8 bits and one scale for a row, for compressed-tensors-int8</source>
        <translation>compressed-tensors-int8 要求对称的 8 位编码，每行一个缩放因子</translation>
    </message>
    <message>
        <source>Choose these settings, or the format compressed-tensors</source>
        <translation>请选择这些设置，或选择 compressed-tensors 格式</translation>
    </message>
    <message>
        <source>%1 does not load it: it needs codes of %2 bits, and these have %3</source>
        <translation>%1 无法加载：它需要 %2 位编码，而此处为 %3 位</translation>
    </message>
    <message>
        <source>%1 does not load it: it needs symmetric codes, and these have zero points</source>
        <translation>%1 无法加载：它需要对称编码，而此处带有零点</translation>
    </message>
    <message>
        <source>%1 does not load it: it needs the columns of a group together, and act-order has moved them, which it does not with static groups</source>
        <translation>%1 无法加载：它要求每组的列保持在一起，而 act-order 移动了它们；使用静态分组则不会移动</translation>
    </message>
    <message>
        <source>%1 does not load it: it needs the group size %2, and this is %3</source>
        <translation>%1 无法加载：它需要分组大小 %2，而此处为 %3</translation>
    </message>
    <message>
        <source>%1 does not load it: the group size %2 does not divide its %3 inputs</source>
        <translation>%1 无法加载：分组大小 %2 不能整除其 %3 个输入</translation>
    </message>
    <message>
        <source>%1 does not load it: a [%2, %3] weight does not fill whole words of %4 codes</source>
        <translation>%1 无法加载：[%2, %3] 的权重不能填满每字 %4 个编码的整字</translation>
    </message>
    <message>
        <source>%1 does not load it: it needs inputs in multiples of %2 and outputs in multiples of %3, and these are %4 and %5</source>
        <translation>%1 无法加载：它要求输入数为 %2 的倍数、输出数为 %3 的倍数，而此处为 %4 和 %5</translation>
    </message>
    <message>
        <source>Choose settings that it loads, or another format for it</source>
        <translation>请选择它能加载的设置，或为它选择其他格式</translation>
    </message>
    <message>
        <source>%1 does not load it: it needs the same scheme in all layers</source>
        <translation>%1 无法加载：它要求所有层方案相同</translation>
    </message>
    <message>
        <source>%1 does not load it: it needs a layer quantized in all blocks or none</source>
        <translation>%1 无法加载：它要求同一层在所有解码块中都量化或都不量化</translation>
    </message>
    <message>
        <source>%1 does not load it: it needs the scheme of %2, which shares its input</source>
        <translation>%1 无法加载：它要求与共用输入的 %2 方案相同</translation>
    </message>
    <message>
        <source>scales that %1 holds exactly</source>
        <translation>%1 能精确表示的缩放因子</translation>
    </message>
    <message>
        <source>Quantize again with the command quantize, which rounds the scales first</source>
        <translation>请用 quantize 命令重新量化，它会先对缩放因子取整</translation>
    </message>
    <message>
        <source>stores scale * zero in half precision; the new folder stores zero points, so that weights differ in the last bits</source>
        <translation>以半精度存储 scale * zero；新文件夹存储零点，因此权重在最末几位有差异</translation>
    </message>
    <message>
        <source>stores zero points; the new folder stores scale * zero in half precision, so that weights differ in the last bits</source>
        <translation>存储零点；新文件夹以半精度存储 scale * zero，因此权重在最末几位有差异</translation>
    </message>
    <message>
        <source>a quantized model</source>
        <translation>已量化的模型</translation>
    </message>
    <message>
        <source>Use the command quantize, which computes codes</source>
        <translation>请使用 quantize 命令，它会计算编码</translation>
    </message>
    <message>
        <source>GPTQ, version 2 (any zero points)</source>
        <translation>GPTQ 第 2 版（任意零点）</translation>
    </message>
    <message>
        <source>GPTQ</source>
        <translation>GPTQ</translation>
    </message>
    <message>
        <source>inputs and outputs that are multiples of %1, for %2</source>
        <translation>%2 要求输入数和输出数均为 %1 的倍数</translation>
    </message>
    <message>
        <source>zero points of at least 1 for gptq</source>
        <translation>gptq 要求零点至少为 1</translation>
    </message>
    <message>
        <source>a group whose zero point is 0</source>
        <translation>有一个分组的零点为 0</translation>
    </message>
    <message>
        <source>Choose the format gptq-v2 or awq, or symmetric quantization</source>
        <translation>请选择 gptq-v2 或 awq 格式，或对称量化</translation>
    </message>
    <message>
        <source>zero points of 1 ... %1</source>
        <translation>零点为 1 … %1</translation>
    </message>
    <message>
        <source>one that readers take for 0 or for %1</source>
        <translation>读取程序会当作 0 或 %1 的零点</translation>
    </message>
    <message>
        <source>Save the model as gptq_v2 with the tool that wrote it</source>
        <translation>请用写出该模型的工具另存为 gptq_v2</translation>
    </message>
    <message>
        <source>columns in the order of their groups, as desc_act is false</source>
        <translation>desc_act 为 false，列应按分组顺序排列</translation>
    </message>
    <message>
        <source>another order</source>
        <translation>其他顺序</translation>
    </message>
    <message>
        <source>Set desc_act to true in the configuration if the tensor is right</source>
        <translation>如果张量正确，请在配置中将 desc_act 设为 true</translation>
    </message>
    <message>
        <source>2, 3, 4 or 8 bits for GPTQ</source>
        <translation>GPTQ 为 2、3、4 或 8 位</translation>
    </message>
    <message>
        <source>Quantize the unquantized model again with one of these widths</source>
        <translation>请用其中一种位宽重新量化未量化的模型</translation>
    </message>
    <message>
        <source>an object for %1 in dynamic</source>
        <translation>dynamic 中 %1 为对象</translation>
    </message>
    <message>
        <source>an object dynamic</source>
        <translation>dynamic 为对象</translation>
    </message>
    <message>
        <source>codes packed in int32 words</source>
        <translation>编码打包在 int32 字中</translation>
    </message>
    <message>
        <source>pack_dtype %1</source>
        <translation>pack_dtype 为 %1</translation>
    </message>
    <message>
        <source>Save the model with pack_dtype int32</source>
        <translation>请以 pack_dtype int32 保存模型</translation>
    </message>
    <message>
        <source>a head in full precision</source>
        <translation>全精度的输出头</translation>
    </message>
    <message>
        <source>lm_head true</source>
        <translation>lm_head 为 true</translation>
    </message>
    <message>
        <source>Quantize the unquantized model again without its head</source>
        <translation>请重新量化未量化的模型，不包括输出头</translation>
    </message>
    <message>
        <source>the checkpoint_format gptq, gptq_v2 or marlin</source>
        <translation>checkpoint_format 为 gptq、gptq_v2 或 marlin</translation>
    </message>
    <message>
        <source>zero points of %1, as the configuration says symmetric</source>
        <translation>配置为对称，零点应为 %1</translation>
    </message>
    <message>
        <source>GPTQ in Marlin tiles (only read)</source>
        <translation>Marlin 分块的 GPTQ（只读）</translation>
    </message>
    <message>
        <source>AWQ in Marlin tiles (only read)</source>
        <translation>Marlin 分块的 AWQ（只读）</translation>
    </message>
    <message>
        <source>a format that is written</source>
        <translation>可写出的格式</translation>
    </message>
    <message>
        <source>%1, which is only read</source>
        <translation>%1，只能读取</translation>
    </message>
    <message>
        <source>Choose the format gptq or awq: runtimes make the tiles when they load it</source>
        <translation>请选择 gptq 或 awq 格式：运行时加载时会生成分块</translation>
    </message>
    <message>
        <source>symmetric codes of 4 bits, inputs in multiples of 16 and of the group size, outputs in multiples of 64, for Marlin tiles</source>
        <translation>Marlin 分块要求对称的 4 位编码，输入数为 16 和分组大小的倍数，输出数为 64 的倍数</translation>
    </message>
    <message>
        <source>integer codes for this format</source>
        <translation>此格式为整数编码</translation>
    </message>
    <message>
        <source>%1 bits for this format</source>
        <translation>此格式为 %1 位</translation>
    </message>
    <message>
        <source>Choose another width or another format</source>
        <translation>请选择其他位宽或其他格式</translation>
    </message>
    <message>
        <source>scales as %1 for this format</source>
        <translation>此格式的缩放因子为 %1</translation>
    </message>
    <message>
        <source>Choose the scale type auto</source>
        <translation>请将缩放因子类型设为 auto</translation>
    </message>
    <message>
        <source>columns in the order of their groups for this format</source>
        <translation>此格式要求列按分组顺序排列</translation>
    </message>
    <message>
        <source>columns ordered by activation</source>
        <translation>列按激活值排序</translation>
    </message>
    <message>
        <source>Choose the format gptq or compressed-tensors, or set static groups</source>
        <translation>请选择 gptq 或 compressed-tensors 格式，或使用静态分组</translation>
    </message>
    <message>
        <source>is in full precision, but the configuration says quantized; some runtimes do not load such a folder</source>
        <translation>为全精度，但配置称其已量化；某些运行时无法加载这样的文件夹</translation>
    </message>
    <message>
        <source>Convert the folder here: the new configuration says what is</source>
        <translation>请在此转换该文件夹：新的配置会如实说明</translation>
    </message>
    <message>
        <source>full_attention and sliding_attention</source>
        <translation>full_attention 和 sliding_attention</translation>
    </message>
    <message>
        <source>the setting %1</source>
        <translation>设置 %1</translation>
    </message>
    <message>
        <source>layer norms without weights</source>
        <translation>不带权重的层归一化</translation>
    </message>
    <message>
        <source>a list of block numbers</source>
        <translation>解码块编号列表</translation>
    </message>
    <message>
        <source>a list of %1 kinds of attention</source>
        <translation>%1 个注意力类型的列表</translation>
    </message>
    <message>
        <source>attention of the kind %1</source>
        <translation>%1 类型的注意力</translation>
    </message>
    <message>
        <source>at most %1 over all blocks</source>
        <translation>所有解码块合计最多 %1</translation>
    </message>
    <message>
        <source>at most %1 tokens, all that this model knows</source>
        <translation>最多 %1 个词元，这是此模型的上限</translation>
    </message>
    <message>
        <source>Choose shorter samples or windows</source>
        <translation>请选择更短的样本或窗口</translation>
    </message>
    <message>
        <source>an even part of the %1 dimensions of a head</source>
        <translation>每个头 %1 维中的偶数部分</translation>
    </message>
    <message>
        <source>a model with weight matrices</source>
        <translation>带权重矩阵的模型</translation>
    </message>
    <message>
        <source>none that could be quantized</source>
        <translation>没有可量化的权重</translation>
    </message>
    <message>
        <source>a model whose forward pass is known (%1), for calibration and evaluation</source>
        <translation>校准和评估需要已知前向计算的模型（%1）</translation>
    </message>
    <message>
        <source>Leave calibration and evaluation text away: rtn needs neither</source>
        <translation>请去掉校准文本和评估文本：rtn 两者都不需要</translation>
    </message>
    <message>
        <source>is quantized already (%1); its weights are dequantized and rounded a second time</source>
        <translation>已经量化过（%1）；其权重会反量化后再次舍入</translation>
    </message>
    <message>
        <source>Choose the model that it was made from, or convert it without a change of codes</source>
        <translation>请选择其来源模型，或在不改变编码的情况下转换</translation>
    </message>
    <message>
        <source>Converting</source>
        <translation>正在转换</translation>
    </message>
    <message>
        <source>inputs in full precision for this format</source>
        <translation>该格式要求全精度输入</translation>
    </message>
    <message>
        <source>%1-bit inputs</source>
        <translation>%1 位输入</translation>
    </message>
    <message>
        <source>Choose the format compressed-tensors-int8 or dense</source>
        <translation>请选择 compressed-tensors-int8 或 dense 格式</translation>
    </message>
    <message>
        <source>is stored [in, out] in this family, which vLLM and transformers do not load from this format</source>
        <translation>在该系列中按 [in, out] 存储，vLLM 和 transformers 无法从此格式加载</translation>
    </message>
    <message>
        <source>Export in the dense format for them</source>
        <translation>若要供它们使用，请导出为 dense 格式</translation>
    </message>
    <message>
        <source>Convert the folder here, which writes a whole configuration</source>
        <translation>请在此转换该文件夹，以写出完整的配置</translation>
    </message>
    <message>
        <source>%1 does not load it: quantization_config lacks the key %2</source>
        <translation>%1 无法加载：quantization_config 缺少键 %2</translation>
    </message>
    <message>
        <source>%1 does not load it: there is no %2</source>
        <translation>%1 无法加载：缺少 %2</translation>
    </message>
    <message>
        <source>%1 values of the type F16, BF16 or F32</source>
        <translation>%1 个 F16、BF16 或 F32 类型的值</translation>
    </message>
    <message>
        <source>%1 bytes of %2</source>
        <translation>%1 字节的 %2</translation>
    </message>
    <message>
        <source>Choose a method without scales, such as rtn</source>
        <translation>请选择不使用缩放的方法，例如 rtn</translation>
    </message>
    <message>
        <source>the format dense does not say that inputs are rounded: the exported model, and its evaluation, has rounded weights only</source>
        <translation>dense 格式不记录输入的舍入：导出的模型及其评估只舍入了权重</translation>
    </message>
    <message>
        <source>Choose a format that stores the rounding of inputs</source>
        <translation>请选择能记录输入舍入的格式</translation>
    </message>
    <message>
        <source>a number from 0 to 1, or auto</source>
        <translation>0 到 1 之间的数，或 auto</translation>
    </message>
    <message>
        <source>a number for %1</source>
        <translation>%1 为数字</translation>
    </message>
    <message>
        <source>AWQ (activation-aware)</source>
        <translation>AWQ（激活感知）</translation>
    </message>
    <message>
        <source>a number or &quot;channel&quot;, for gptq</source>
        <translation>数字或“channel”（用于 gptq）</translation>
    </message>
    <message>
        <source>&quot;tensor&quot;</source>
        <translation>“tensor”</translation>
    </message>
    <message>
        <source>Use more calibration text, or give this layer more bits</source>
        <translation>请使用更多校准文本，或给此层更多位数</translation>
    </message>
    <message>
        <source>damping was raised from %1 to %2: the Hessian could not be factored</source>
        <translation>阻尼已从 %1 提高到 %2：Hessian 矩阵无法分解</translation>
    </message>
    <message>
        <source>Use more calibration text</source>
        <translation>请使用更多校准文本</translation>
    </message>
    <message>
        <source>was rounded to nearest: no token of the calibration text reached it</source>
        <translation>已改用就近舍入：校准文本没有词元到达此层</translation>
    </message>
    <message>
        <source>was rounded to nearest: the Hessian of its inputs cannot be factored</source>
        <translation>已改用就近舍入：其输入的 Hessian 矩阵无法分解</translation>
    </message>
    <message>
        <source>a number above 0 and at most 1</source>
        <translation>大于 0 且不超过 1 的数字</translation>
    </message>
    <message>
        <source>Try 0.01</source>
        <translation>可试 0.01</translation>
    </message>
    <message>
        <source>8, or 0 for inputs in full precision</source>
        <translation>8，或用 0 表示全精度输入</translation>
    </message>
    <message>
        <source>SmoothQuant (8-bit weights and inputs)</source>
        <translation>SmoothQuant（8 位权重和输入）</translation>
    </message>
    <message>
        <source>statistics of this layer&apos;s inputs for the method %1</source>
        <translation>方法 %1 所需的该层输入统计</translation>
    </message>
    <message>
        <source>Calibrate first (on the Model page, or with --data), or choose the method rtn</source>
        <translation>请先校准（在“模型”页，或使用 --data），或选择方法 rtn</translation>
    </message>
    <message>
        <source>names of tensors</source>
        <translation>张量的名称</translation>
    </message>
    <message>
        <source>tensors of this model in the journal</source>
        <translation>日志中属于该模型的张量</translation>
    </message>
    <message>
        <source>is rounded without scales of its inputs: all rows of %1 share one</source>
        <translation>舍入时未缩放其输入：%1 的所有行共用一个缩放</translation>
    </message>
    <message>
        <source>asks for rounded inputs; the new folder does not</source>
        <translation>要求量化输入；新文件夹不要求</translation>
    </message>
    <message>
        <source>Scales up the weights that read the largest inputs, so that they keep more of their precision. Quick, sure of foot with little text; needs a calibration text.</source>
        <translation>放大读取最大激活值的权重，使其保留更多精度。快速，文本较少时也稳定；需要校准文本。</translation>
    </message>
    <message>
        <source>Column by column, the weights that are left make good for the error of those already rounded. Loses least below 8 bits; needs a calibration text.</source>
        <translation>逐列量化，由其余权重补偿已舍入权重的误差。8 位以下损失最小；需要校准文本。</translation>
    </message>
    <message>
        <source>Looks at the weights alone: quick, and needs no text. A calibration text only measures the error.</source>
        <translation>只看权重：快速，无需文本。校准文本仅用于测量误差。</translation>
    </message>
    <message>
        <source>Compare with the method gptq, which needs no scales</source>
        <translation>可与不需要缩放的 gptq 方法比较</translation>
    </message>
    <message>
        <source>Moves outliers from inputs to weights, so that both fit in 8 bits and runtimes can multiply integers. Needs a calibration text.</source>
        <translation>把激活中的离群值移到权重上，使两者都能用 8 位表示，运行时可做整数乘法。需要校准文本。</translation>
    </message>
    <message>
        <source>takes columns as they come: act-order changes nothing</source>
        <translation>按原有顺序处理各列：act-order 不起作用</translation>
    </message>
    <message>
        <source>Choose the method gptq for it</source>
        <translation>需要时请选择 gptq 方法</translation>
    </message>
    <message>
        <source>Duo scaling</source>
        <translation>双重缩放</translation>
    </message>
    <message>
        <source>Scales look at weights too, not at inputs alone</source>
        <translation>缩放不仅考虑输入，也考虑权重</translation>
    </message>
    <message>
        <source>Clip ranges</source>
        <translation>裁剪范围</translation>
    </message>
    <message>
        <source>Shrink the range of a group where that lowers the output error</source>
        <translation>在能降低输出误差时缩小分组范围</translation>
    </message>
    <message>
        <source>Grid</source>
        <translation>网格</translation>
    </message>
    <message>
        <source>Ratios between weights and inputs that are tried; more take longer</source>
        <translation>尝试的权重与输入之间的比率数；越多耗时越长</translation>
    </message>
    <message>
        <source>Effort</source>
        <translation>投入</translation>
    </message>
    <message>
        <source>How long to look for a better result; the files stay the same kind</source>
        <translation>为更好的结果花费多少时间；文件类型不变</translation>
    </message>
    <message>
        <source>fast</source>
        <translation>快速</translation>
    </message>
    <message>
        <source>normal</source>
        <translation>标准</translation>
    </message>
    <message>
        <source>best</source>
        <translation>最佳</translation>
    </message>
    <message>
        <source>Static groups</source>
        <translation>静态分组</translation>
    </message>
    <message>
        <source>Scales from the original weights, so that act-order leaves groups in place</source>
        <translation>缩放因子取自原始权重，使 act-order 不打乱分组</translation>
    </message>
    <message>
        <source>Damping</source>
        <translation>阻尼</translation>
    </message>
    <message>
        <source>Added to the diagonal of the Hessian, as a share of its mean: steadier with little text</source>
        <translation>加到 Hessian 对角线上，以其均值的比例表示：文本较少时更稳定</translation>
    </message>
    <message>
        <source>Alpha</source>
        <translation>Alpha</translation>
    </message>
    <message>
        <source>0 leaves all difficulty with the inputs, 1 gives it to the weights</source>
        <translation>0 表示难度全部留给输入，1 表示全部交给权重</translation>
    </message>
    <message>
        <source>searched</source>
        <translation>自动搜索</translation>
    </message>
    <message>
        <source>%1: %2, %3</source>
        <translation>%1：%2，%3</translation>
    </message>
    <message>
        <source>Comparison of %1</source>
        <translation>%1 的比较</translation>
    </message>
    <message>
        <source>no CUDA plug-in beside the program</source>
        <translation>程序旁没有 CUDA 插件</translation>
    </message>
    <message>
        <source>a CUDA plug-in that does not open (%1)</source>
        <translation>CUDA 插件无法打开（%1）</translation>
    </message>
    <message>
        <source>a CUDA plug-in of another version of the program</source>
        <translation>CUDA 插件属于程序的另一版本</translation>
    </message>
    <message>
        <source>no GPU that can be used (%1)</source>
        <translation>没有可用的 GPU（%1）</translation>
    </message>
    <message>
        <source>Perplexity over size; bars: standard error of the difference to the base</source>
        <translation>困惑度与大小；误差条：与基准之差的标准误差</translation>
    </message>
    <message>
        <source>size on disk (MiB)</source>
        <translation>磁盘大小 (MiB)</translation>
    </message>
    <message>
        <source>perplexity</source>
        <translation>困惑度</translation>
    </message>
    <message>
        <source>worst layer of the block</source>
        <translation>块中最差的层</translation>
    </message>
    <message>
        <source>other layers</source>
        <translation>其他层</translation>
    </message>
    <message>
        <source>Relative output error by block</source>
        <translation>各块的相对输出误差</translation>
    </message>
    <message>
        <source>block</source>
        <translation>块</translation>
    </message>
    <message>
        <source>relative output error (%, log)</source>
        <translation>相对输出误差（%，对数）</translation>
    </message>
    <message>
        <source>Input of the attention projections, largest magnitude</source>
        <translation>注意力投影的输入，最大幅值</translation>
    </message>
    <message>
        <source>Input of the attention output, largest magnitude</source>
        <translation>注意力输出的输入，最大幅值</translation>
    </message>
    <message>
        <source>Input of the gate and up projections, largest magnitude</source>
        <translation>gate 和 up 投影的输入，最大幅值</translation>
    </message>
    <message>
        <source>Input of the down projection, largest magnitude</source>
        <translation>down 投影的输入，最大幅值</translation>
    </message>
    <message>
        <source>Input of other linears, largest magnitude</source>
        <translation>其他线性层的输入，最大幅值</translation>
    </message>
    <message>
        <source>input channel</source>
        <translation>输入通道</translation>
    </message>
    <message>
        <source>largest |x|</source>
        <translation>最大 |x|</translation>
    </message>
    <message>
        <source>input channels, %1 in a column at most</source>
        <translation>输入通道，每列最多 %1 个</translation>
    </message>
    <message>
        <source>weight</source>
        <translation>权重</translation>
    </message>
    <message>
        <source>weights in a bin (log)</source>
        <translation>每格权重数（对数）</translation>
    </message>
    <message>
        <source>before</source>
        <translation>量化前</translation>
    </message>
    <message>
        <source>after</source>
        <translation>量化后</translation>
    </message>
    <message>
        <source>%1 (a cell shows the largest of several)</source>
        <translation>%1（每格显示多个值中的最大值）</translation>
    </message>
    <message>
        <source>%1, logarithmic</source>
        <translation>%1，对数</translation>
    </message>
    <message>
        <source>a GPU that computes</source>
        <translation>可用于计算的 GPU</translation>
    </message>
    <message>
        <source>Calibrate %1</source>
        <translation>校准 %1</translation>
    </message>
    <message>
        <source>%1, %2 bit, groups: %3 · %4</source>
        <translation>%1，%2 位，分组：%3 · %4</translation>
    </message>
    <message>
        <source>Compare %1 models</source>
        <translation>比较 %1 个模型</translation>
    </message>
    <message>
        <source>Drop the folder that holds config.json</source>
        <translation>请拖放包含 config.json 的文件夹</translation>
    </message>
    <message>
        <source>an open model</source>
        <translation>已打开的模型</translation>
    </message>
    <message>
        <source>Open a model folder first</source>
        <translation>请先打开模型文件夹</translation>
    </message>
    <message>
        <source>a list of numbers above 0</source>
        <translation>由大于 0 的数组成的列表</translation>
    </message>
    <message>
        <source>%1 numbers, one for each pair of dimensions</source>
        <translation>%1 个数，每对维度一个</translation>
    </message>
    <message>
        <source>tensors in .safetensors or pytorch_model.bin files</source>
        <translation>.safetensors 或 pytorch_model.bin 文件中的张量</translation>
    </message>
    <message>
        <source>pytorch_model.bin or one file of its kind</source>
        <translation>pytorch_model.bin 或同类的单个文件</translation>
    </message>
    <message>
        <source>%1 files: %2, %3, ...</source>
        <translation>%1 个文件：%2、%3…</translation>
    </message>
    <message>
        <source>Open the file that holds the model</source>
        <translation>请打开保存模型的那个文件</translation>
    </message>
    <message>
        <source>To use another file, open it instead of the folder</source>
        <translation>若要使用其他文件，请直接打开它而不是文件夹</translation>
    </message>
    <message>
        <source>%1 is read; files of PyTorch beside it are left aside: %2</source>
        <translation>读取 %1；旁边的 PyTorch 文件不使用：%2</translation>
    </message>
    <message>
        <source>%1 is read; files of other precisions are left aside: %2</source>
        <translation>读取 %1；其他精度的文件不使用：%2</translation>
    </message>
    <message>
        <source>%1 is read; more tensor files are left aside: %2</source>
        <translation>读取 %1；其他张量文件不使用：%2</translation>
    </message>
    <message>
        <source>a model folder or a .safetensors or pytorch_model.bin file</source>
        <translation>模型文件夹，或 .safetensors 或 pytorch_model.bin 文件</translation>
    </message>
    <message>
        <source>strings of at most %1 bytes</source>
        <translation>最多 %1 字节的字符串</translation>
    </message>
    <message>
        <source>Download the file again, or take its safetensors version</source>
        <translation>请重新下载该文件，或使用其 safetensors 版本</translation>
    </message>
    <message>
        <source>a pickle with its end mark</source>
        <translation>带结束标记的 pickle</translation>
    </message>
    <message>
        <source>the end after %1 bytes</source>
        <translation>在 %1 字节后结束</translation>
    </message>
    <message>
        <source>a tensor inside the %1 bytes of its storage</source>
        <translation>张量位于其 %1 字节的存储之内</translation>
    </message>
    <message>
        <source>shape [%1] and strides [%2] at byte %3</source>
        <translation>形状 [%1]、步长 [%2]，位于字节 %3</translation>
    </message>
    <message>
        <source>at most %1 bytes of tensors out of row-major order</source>
        <translation>非行主序的张量最多 %1 字节</translation>
    </message>
    <message>
        <source>more, such as the shape [%1] with the strides [%2]</source>
        <translation>更多，例如形状 [%1]、步长 [%2]</translation>
    </message>
    <message>
        <source>Save the model again with contiguous tensors</source>
        <translation>请以连续张量重新保存模型</translation>
    </message>
    <message>
        <source>the bytes of its storage</source>
        <translation>其存储的字节</translation>
    </message>
    <message>
        <source>a file that torch.save wrote</source>
        <translation>torch.save 写出的文件</translation>
    </message>
    <message>
        <source>a pointer of Git LFS in place of the file</source>
        <translation>Git LFS 的指针而非文件本身</translation>
    </message>
    <message>
        <source>an empty file</source>
        <translation>空文件</translation>
    </message>
    <message>
        <source>the mark of torch.save</source>
        <translation>torch.save 的标记</translation>
    </message>
    <message>
        <source>another pickle</source>
        <translation>另一个 pickle</translation>
    </message>
    <message>
        <source>version %1 of torch.save</source>
        <translation>torch.save 的版本 %1</translation>
    </message>
    <message>
        <source>another version</source>
        <translation>另一个版本</translation>
    </message>
    <message>
        <source>tensors with the low byte first</source>
        <translation>低位字节在前的张量</translation>
    </message>
    <message>
        <source>the high byte first (little_endian False)</source>
        <translation>高位字节在前（little_endian False）</translation>
    </message>
    <message>
        <source>Save the model again as safetensors</source>
        <translation>请把模型重新保存为 safetensors</translation>
    </message>
    <message>
        <source>%1 elements of %2 bytes for the storage %3</source>
        <translation>%1 个 %2 字节的元素，用于存储 %3</translation>
    </message>
    <message>
        <source>%1 elements of the storage %2 at byte %3</source>
        <translation>存储 %2 的 %1 个元素，位于字节 %3</translation>
    </message>
    <message>
        <source>a list of storages behind the tensors</source>
        <translation>张量之后的存储列表</translation>
    </message>
    <message>
        <source>each storage of the tensors once</source>
        <translation>张量的每个存储各一次</translation>
    </message>
    <message>
        <source>the storage %1</source>
        <translation>存储 %1</translation>
    </message>
    <message>
        <source>only the tensors under &quot;%1&quot; are read</source>
        <translation>只读取 &quot;%1&quot; 下的张量</translation>
    </message>
    <message>
        <source>a tensor with offset, sizes and strides</source>
        <translation>带偏移、大小和步长的张量</translation>
    </message>
    <message>
        <source>other values</source>
        <translation>其他值</translation>
    </message>
    <message>
        <source>a tensor that is stored as it is</source>
        <translation>按原样存储的张量</translation>
    </message>
    <message>
        <source>one to be negated or conjugated</source>
        <translation>需要取负或共轭的张量</translation>
    </message>
    <message>
        <source>a tensor with a storage</source>
        <translation>带存储的张量</translation>
    </message>
    <message>
        <source>real numbers of a type that safetensors knows, too</source>
        <translation>safetensors 也支持的实数类型</translation>
    </message>
    <message>
        <source>Save the model without this tensor</source>
        <translation>请去掉此张量后重新保存模型</translation>
    </message>
    <message>
        <source>an offset inside a file</source>
        <translation>文件内的偏移</translation>
    </message>
    <message>
        <source>a larger one</source>
        <translation>更大的偏移</translation>
    </message>
    <message>
        <source>a tensor that the file lists</source>
        <translation>文件列出的张量</translation>
    </message>
    <message>
        <source>another one</source>
        <translation>另一个</translation>
    </message>
    <message>
        <source>names of tensors, each once</source>
        <translation>张量名称各不重复</translation>
    </message>
    <message>
        <source>the name %1</source>
        <translation>名称 %1</translation>
    </message>
    <message>
        <source>another value for a name</source>
        <translation>同一名称的另一个值</translation>
    </message>
    <message>
        <source>at most %1 tensors</source>
        <translation>最多 %1 个张量</translation>
    </message>
    <message>
        <source>a dictionary of tensors by name (a state dict)</source>
        <translation>按名称存放张量的字典（state dict）</translation>
    </message>
    <message>
        <source>one without tensors</source>
        <translation>不含张量的字典</translation>
    </message>
    <message>
        <source>%1 values are no tensors and are left out, such as %2</source>
        <translation>%1 个值不是张量，已略去，例如 %2</translation>
    </message>
    <message>
        <source>a size that says otherwise</source>
        <translation>大小与之不符</translation>
    </message>
    <message>
        <source>this part in the file</source>
        <translation>文件中的这一部分</translation>
    </message>
    <message>
        <source>a number of entries</source>
        <translation>条目数</translation>
    </message>
    <message>
        <source>another number</source>
        <translation>另一个数</translation>
    </message>
    <message>
        <source>the end</source>
        <translation>结尾</translation>
    </message>
    <message>
        <source>key, device and class of a storage</source>
        <translation>存储的键、设备和类</translation>
    </message>
    <message>
        <source>%1 elements of %2 bytes</source>
        <translation>%1 个 %2 字节的元素</translation>
    </message>
    <message>
        <source>a view inside a storage</source>
        <translation>存储内的视图</translation>
    </message>
    <message>
        <source>keys of a tensor and of its storage</source>
        <translation>张量及其存储的键</translation>
    </message>
    <message>
        <source>a tensor of at most %1 dimensions of real numbers</source>
        <translation>最多 %1 维的实数张量</translation>
    </message>
    <message>
        <source>%1 dimensions of %2</source>
        <translation>%2 的 %1 个维度</translation>
    </message>
    <message>
        <source>sizes, strides and an offset of 0 or more</source>
        <translation>大于等于 0 的大小、步长和偏移</translation>
    </message>
    <message>
        <source>a file that torch.save wrote, with a data.pkl</source>
        <translation>torch.save 写出的文件，含 data.pkl</translation>
    </message>
    <message>
        <source>a ZIP file without one</source>
        <translation>不含它的 ZIP 文件</translation>
    </message>
    <message>
        <source>Choose the folder of a model</source>
        <translation>请选择模型的文件夹</translation>
    </message>
    <message>
        <source>tensors alone</source>
        <translation>仅含张量</translation>
    </message>
    <message>
        <source>a TorchScript program</source>
        <translation>TorchScript 程序</translation>
    </message>
    <message>
        <source>the high byte first (byteorder big)</source>
        <translation>高位字节在前（byteorder big）</translation>
    </message>
    <message>
        <source>an entry with %1 elements of %2 bytes for the storage %3</source>
        <translation>存储 %3 的条目含 %1 个 %2 字节的元素</translation>
    </message>
    <message>
        <source>a pickle of tensors</source>
        <translation>张量的 pickle</translation>
    </message>
    <message>
        <source>the opcode 0x%1</source>
        <translation>操作码 0x%1</translation>
    </message>
    <message>
        <source>at most %1 values</source>
        <translation>最多 %1 个值</translation>
    </message>
    <message>
        <source>a stack of at most %1 values</source>
        <translation>最多 %1 个值的栈</translation>
    </message>
    <message>
        <source>a value on the stack</source>
        <translation>栈上的值</translation>
    </message>
    <message>
        <source>a mark on the stack</source>
        <translation>栈上的标记</translation>
    </message>
    <message>
        <source>a pickle of protocol %1 or lower</source>
        <translation>协议 %1 或更低的 pickle</translation>
    </message>
    <message>
        <source>at most %1 marks</source>
        <translation>最多 %1 个标记</translation>
    </message>
    <message>
        <source>a memo of at most %1 values</source>
        <translation>最多 %1 个值的备忘表</translation>
    </message>
    <message>
        <source>a value number %1 in the memo</source>
        <translation>备忘表中编号 %1 的值</translation>
    </message>
    <message>
        <source>a number in the memo</source>
        <translation>备忘表中的编号</translation>
    </message>
    <message>
        <source>a whole number</source>
        <translation>整数</translation>
    </message>
    <message>
        <source>a list to append to</source>
        <translation>可追加的列表</translation>
    </message>
    <message>
        <source>a dictionary and pairs for it</source>
        <translation>字典及其键值对</translation>
    </message>
    <message>
        <source>tensors, containers and numbers only</source>
        <translation>仅含张量、容器和数</translation>
    </message>
    <message>
        <source>the name %1, which a tensor file has no use for; nothing was run</source>
        <translation>名称 %1，张量文件用不到它；未执行任何内容</translation>
    </message>
    <message>
        <source>a name and a tuple to call it with</source>
        <translation>名称及用于调用的元组</translation>
    </message>
    <message>
        <source>at most %1 pairs</source>
        <translation>最多 %1 个键值对</translation>
    </message>
    <message>
        <source>pairs for a dictionary</source>
        <translation>字典的键值对</translation>
    </message>
    <message>
        <source>a name in two strings</source>
        <translation>由两个字符串组成的名称</translation>
    </message>
    <message>
        <source>a ZIP file with its directory</source>
        <translation>带目录的 ZIP 文件</translation>
    </message>
    <message>
        <source>no directory in %1 bytes</source>
        <translation>%1 字节内没有目录</translation>
    </message>
    <message>
        <source>the end of a ZIP64 directory at byte %1</source>
        <translation>ZIP64 目录的结尾位于字节 %1</translation>
    </message>
    <message>
        <source>a directory of %1 entries before byte %2</source>
        <translation>含 %1 个条目的目录位于字节 %2 之前</translation>
    </message>
    <message>
        <source>%1 bytes at %2</source>
        <translation>%2 处的 %1 字节</translation>
    </message>
    <message>
        <source>as many stored bytes as %1</source>
        <translation>与 %1 相同的存储字节数</translation>
    </message>
    <message>
        <source>an entry of the directory at byte %1</source>
        <translation>目录条目位于字节 %1</translation>
    </message>
    <message>
        <source>a whole entry at byte %1</source>
        <translation>完整的条目位于字节 %1</translation>
    </message>
    <message>
        <source>a stored entry, as torch.save writes them</source>
        <translation>未压缩存储的条目，如 torch.save 所写</translation>
    </message>
    <message>
        <source>an encrypted one</source>
        <translation>加密的条目</translation>
    </message>
    <message>
        <source>a compressed one</source>
        <translation>压缩的条目</translation>
    </message>
    <message>
        <source>Save the model again with torch.save, or as safetensors</source>
        <translation>请用 torch.save 重新保存模型，或保存为 safetensors</translation>
    </message>
    <message>
        <source>its header at byte %1</source>
        <translation>其文件头位于字节 %1</translation>
    </message>
    <message>
        <source>data before byte %1</source>
        <translation>字节 %1 之前的数据</translation>
    </message>
    <message>
        <source>each name once</source>
        <translation>名称各不重复</translation>
    </message>
    <message>
        <source>it twice</source>
        <translation>出现两次</translation>
    </message>
    <message>
        <source>the model does not read this tensor; it travels along as it is</source>
        <translation>模型不读取此张量；它会原样保留</translation>
    </message>
    <message>
        <source>the model does not read %1 tensors, from %2 to %3; they travel along as they are</source>
        <translation>模型不读取 %1 个张量，从 %2 到 %3；它们会原样保留</translation>
    </message>
    <message>
        <source>an object with the settings of the text model</source>
        <translation>含文本模型设置的对象</translation>
    </message>
    <message>
        <source>tensors are named as %1, where the model&apos;s family has %2</source>
        <translation>张量按 %1 命名，而此系列应为 %2</translation>
    </message>
    <message>
        <source>is the embedding, too: config.json ties both and the file holds no other</source>
        <translation>同时用作嵌入：config.json 将二者绑定，且文件没有另一个</translation>
    </message>
    <message>
        <source>holds the same as %1, to which config.json ties it; it is left out</source>
        <translation>与 config.json 所绑定的 %1 相同，已略去</translation>
    </message>
    <message>
        <source>differs from %1, to which config.json ties it; the head is %2</source>
        <translation>与 config.json 所绑定的 %1 不同；输出头采用 %2</translation>
    </message>
    <message>
        <source>Set tie_word_embeddings to false in config.json, or to take the embedding, remove this tensor</source>
        <translation>请在 config.json 中把 tie_word_embeddings 设为 false；若要采用嵌入，请删除此张量</translation>
    </message>
    <message>
        <source>chat_template as a text, or as a list of objects with name and template</source>
        <translation>chat_template 为文本，或为带 name 和 template 的对象列表</translation>
    </message>
    <message>
        <source>a chat template with the name default</source>
        <translation>名为 default 的对话模板</translation>
    </message>
    <message>
        <source>other names</source>
        <translation>其他名称</translation>
    </message>
    <message>
        <source>a list of messages</source>
        <translation>消息列表</translation>
    </message>
    <message>
        <source>one for tools alone</source>
        <translation>仅用于工具的模板</translation>
    </message>
    <message>
        <source>a chat template (chat_template.jinja, or chat_template in tokenizer_config.json)</source>
        <translation>对话模板（chat_template.jinja，或 tokenizer_config.json 中的 chat_template）</translation>
    </message>
    <message>
        <source>Copy the tokenizer&apos;s files from the model&apos;s original folder, or prompt with plain text</source>
        <translation>请从模型的原文件夹复制分词器文件，或用纯文本提示</translation>
    </message>
    <message>
        <source>a template that ends within %1 steps</source>
        <translation>在 %1 步内结束的模板</translation>
    </message>
    <message>
        <source>one that goes on</source>
        <translation>未结束的模板</translation>
    </message>
    <message>
        <source>a value for %1</source>
        <translation>%1 的值</translation>
    </message>
    <message>
        <source>none defined</source>
        <translation>未定义</translation>
    </message>
    <message>
        <source>deeper ones</source>
        <translation>更深的表达式</translation>
    </message>
    <message>
        <source>a string or number as a key</source>
        <translation>作为键的字符串或数</translation>
    </message>
    <message>
        <source>integers as the bounds of a slice</source>
        <translation>作为切片边界的整数</translation>
    </message>
    <message>
        <source>something to call</source>
        <translation>可调用的对象</translation>
    </message>
    <message>
        <source>a list, mapping or string to go through</source>
        <translation>可遍历的列表、映射或字符串</translation>
    </message>
    <message>
        <source>a filter that is known here</source>
        <translation>已知的过滤器</translation>
    </message>
    <message>
        <source>a filter or an attribute for map</source>
        <translation>map 所用的过滤器或属性</translation>
    </message>
    <message>
        <source>the name of a filter</source>
        <translation>过滤器的名称</translation>
    </message>
    <message>
        <source>an attribute for %1</source>
        <translation>%1 的属性</translation>
    </message>
    <message>
        <source>other arguments</source>
        <translation>其他参数</translation>
    </message>
    <message>
        <source>a range of at most %1 numbers</source>
        <translation>最多 %1 个数的 range</translation>
    </message>
    <message>
        <source>messages that the template takes</source>
        <translation>模板接受的消息</translation>
    </message>
    <message>
        <source>its refusal: %1</source>
        <translation>其拒绝原因：%1</translation>
    </message>
    <message>
        <source>at most %1 bytes of text</source>
        <translation>最多 %1 字节的文本</translation>
    </message>
    <message>
        <source>%1 values for as many names</source>
        <translation>%1 个值对应同样多的名称</translation>
    </message>
    <message>
        <source>an attribute of a namespace to set</source>
        <translation>可设置的 namespace 属性</translation>
    </message>
    <message>
        <source>the end of the comment</source>
        <translation>注释的结尾</translation>
    </message>
    <message>
        <source>the end of the template</source>
        <translation>模板的结尾</translation>
    </message>
    <message>
        <source>endraw</source>
        <translation>endraw</translation>
    </message>
    <message>
        <source>the end of the tag</source>
        <translation>标签的结尾</translation>
    </message>
    <message>
        <source>a decimal number</source>
        <translation>十进制数</translation>
    </message>
    <message>
        <source>the end of the string</source>
        <translation>字符串的结尾</translation>
    </message>
    <message>
        <source>a string with escapes as Python has them</source>
        <translation>带 Python 转义的字符串</translation>
    </message>
    <message>
        <source>brackets in pairs</source>
        <translation>成对的括号</translation>
    </message>
    <message>
        <source>%1 too many</source>
        <translation>多出 %1</translation>
    </message>
    <message>
        <source>an expression</source>
        <translation>表达式</translation>
    </message>
    <message>
        <source>the character 0x%1</source>
        <translation>字符 0x%1</translation>
    </message>
    <message>
        <source>a list, mapping or string for %1</source>
        <translation>%1 所需的列表、映射或字符串</translation>
    </message>
    <message>
        <source>one attribute to sort by</source>
        <translation>一个排序属性</translation>
    </message>
    <message>
        <source>a mapping for %1</source>
        <translation>%1 所需的映射</translation>
    </message>
    <message>
        <source>key or value to sort by</source>
        <translation>用于排序的 key 或 value</translation>
    </message>
    <message>
        <source>a size from 1 to %1</source>
        <translation>1 到 %1 的大小</translation>
    </message>
    <message>
        <source>values to cycle through</source>
        <translation>可循环的值</translation>
    </message>
    <message>
        <source>macros called within the block they stand in</source>
        <translation>在所处块内调用的宏</translation>
    </message>
    <message>
        <source>a call of %1 outside</source>
        <translation>在外部调用 %1</translation>
    </message>
    <message>
        <source>macros that call one another at most %1 deep</source>
        <translation>宏之间最多相互调用 %1 层</translation>
    </message>
    <message>
        <source>deeper calls</source>
        <translation>更深的调用</translation>
    </message>
    <message>
        <source>one value for the parameter %1</source>
        <translation>参数 %1 只有一个值</translation>
    </message>
    <message>
        <source>the parameters of %1</source>
        <translation>%1 的参数</translation>
    </message>
    <message>
        <source>an argument %1</source>
        <translation>参数 %1</translation>
    </message>
    <message>
        <source>%1 arguments of %2 at most</source>
        <translation>%2 最多 %1 个参数</translation>
    </message>
    <message>
        <source>%1 more</source>
        <translation>多出 %1 个</translation>
    </message>
    <message>
        <source>a separator</source>
        <translation>分隔符</translation>
    </message>
    <message>
        <source>an empty string</source>
        <translation>空字符串</translation>
    </message>
    <message>
        <source>a string or a tuple of them</source>
        <translation>字符串或字符串元组</translation>
    </message>
    <message>
        <source>what to replace, and by what</source>
        <translation>替换什么以及替换为什么</translation>
    </message>
    <message>
        <source>too little</source>
        <translation>参数不足</translation>
    </message>
    <message>
        <source>strings to join</source>
        <translation>要连接的字符串</translation>
    </message>
    <message>
        <source>an entry of the list</source>
        <translation>列表的一项</translation>
    </message>
    <message>
        <source>a base from 2 to 36</source>
        <translation>2 到 36 的进制</translation>
    </message>
    <message>
        <source>a number</source>
        <translation>数</translation>
    </message>
    <message>
        <source>common, ceil or floor, and a number of places</source>
        <translation>common、ceil 或 floor，以及小数位数</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <translation>%1，%2</translation>
    </message>
    <message>
        <source>values that %1 joins</source>
        <translation>%1 可连接的值</translation>
    </message>
    <message>
        <source>%1 and %2</source>
        <translation>%1 和 %2</translation>
    </message>
    <message>
        <source>integers of 64 bits</source>
        <translation>64 位整数</translation>
    </message>
    <message>
        <source>a divisor other than 0</source>
        <translation>非 0 的除数</translation>
    </message>
    <message>
        <source>0</source>
        <translation>0</translation>
    </message>
    <message>
        <source>a string to look for in a string</source>
        <translation>要在字符串中查找的字符串</translation>
    </message>
    <message>
        <source>a step other than 0</source>
        <translation>非 0 的步长</translation>
    </message>
    <message>
        <source>%1 for %2</source>
        <translation>%2 得到 %1</translation>
    </message>
    <message>
        <source>a format of the conversions s r d i f g x</source>
        <translation>含转换 s r d i f g x 的格式</translation>
    </message>
    <message>
        <source>a mapping with the key %1</source>
        <translation>含键 %1 的映射</translation>
    </message>
    <message>
        <source>a value for every place of the format</source>
        <translation>格式中每个位置的值</translation>
    </message>
    <message>
        <source>a place in the format for every value</source>
        <translation>每个值在格式中的位置</translation>
    </message>
    <message>
        <source>%1 left over</source>
        <translation>剩余 %1 个</translation>
    </message>
    <message>
        <source>braces in pairs</source>
        <translation>成对的花括号</translation>
    </message>
    <message>
        <source>places such as {} or {name}</source>
        <translation>{} 或 {name} 之类的占位</translation>
    </message>
    <message>
        <source>none for %1</source>
        <translation>%1 没有对应的值</translation>
    </message>
    <message>
        <source>a template of at most %1 bytes</source>
        <translation>最多 %1 字节的模板</translation>
    </message>
    <message>
        <source>%1 arguments of the test %2</source>
        <translation>测试 %2 的 %1 个参数</translation>
    </message>
    <message>
        <source>a test that is known here</source>
        <translation>已知的测试</translation>
    </message>
    <message>
        <source>two separators for tojson</source>
        <translation>tojson 的两个分隔符</translation>
    </message>
    <message>
        <source>a chat template of the constructs that models use</source>
        <translation>由模型常用结构写成的对话模板</translation>
    </message>
    <message>
        <source>a template nested at most %1 deep</source>
        <translation>最多嵌套 %1 层的模板</translation>
    </message>
    <message>
        <source>values nested at most %1 deep</source>
        <translation>最多嵌套 %1 层的值</translation>
    </message>
    <message>
        <source>two numbers, strings or lists to compare</source>
        <translation>可比较的两个数、字符串或列表</translation>
    </message>
    <message>
        <source>a value that JSON can hold</source>
        <translation>JSON 可表示的值</translation>
    </message>
    <message>
        <source>a list (through the filter list)</source>
        <translation>列表（经过滤器 list）</translation>
    </message>
    <message>
        <source>a generator</source>
        <translation>生成器</translation>
    </message>
    <message>
        <source>a namespace</source>
        <translation>namespace</translation>
    </message>
    <message>
        <source>a list to print (through the filter list)</source>
        <translation>可打印的列表（经过滤器 list）</translation>
    </message>
    <message>
        <source>a value to print</source>
        <translation>可打印的值</translation>
    </message>
    <message>
        <source>a tokenizer file such as tokenizer.json or tokenizer.model</source>
        <translation>tokenizer.json 或 tokenizer.model 之类的分词器文件</translation>
    </message>
    <message>
        <source>another kind of line</source>
        <translation>另一种行</translation>
    </message>
    <message>
        <source>a tokenizer.json, or vocab.json and merges.txt of GPT-2&apos;s or Qwen 2&apos;s kind</source>
        <translation>tokenizer.json，或 GPT-2、Qwen 2 类的 vocab.json 和 merges.txt</translation>
    </message>
    <message>
        <source>the class %1</source>
        <translation>类 %1</translation>
    </message>
    <message>
        <source>two pieces with a space between them</source>
        <translation>以空格分隔的两个片段</translation>
    </message>
    <message>
        <source>bytes in Base64 and a rank below %1</source>
        <translation>Base64 字节和低于 %1 的序号</translation>
    </message>
    <message>
        <source>the pattern of words in a file pattern.txt beside it</source>
        <translation>旁边 pattern.txt 文件中的分词模式</translation>
    </message>
    <message>
        <source>a regular expression</source>
        <translation>正则表达式</translation>
    </message>
    <message>
        <source>ids of added tokens below %1</source>
        <translation>低于 %1 的附加词元编号</translation>
    </message>
    <message>
        <source>the id %1 of %2</source>
        <translation>%2 的编号 %1</translation>
    </message>
    <message>
        <source>merge %1 to be of pieces of the vocabulary</source>
        <translation>合并 %1 由词表中的片段组成</translation>
    </message>
    <message>
        <source>%1, which is none</source>
        <translation>%1，它不是片段</translation>
    </message>
    <message>
        <source>unk_token to be a token of the vocabulary</source>
        <translation>unk_token 为词表中的词元</translation>
    </message>
    <message>
        <source>precompiled_charsmap to hold a trie and its replacements in Base64</source>
        <translation>precompiled_charsmap 以 Base64 保存字典树及其替换</translation>
    </message>
    <message>
        <source>model.vocab to be an object or an array</source>
        <translation>model.vocab 为对象或数组</translation>
    </message>
    <message>
        <source>an id for %1 in model.vocab</source>
        <translation>model.vocab 中 %1 的编号</translation>
    </message>
    <message>
        <source>ids from 0 to %1 in model.vocab</source>
        <translation>model.vocab 中 0 到 %1 的编号</translation>
    </message>
    <message>
        <source>a piece and its score in model.vocab[%1]</source>
        <translation>model.vocab[%1] 中的片段和分数</translation>
    </message>
    <message>
        <source>at most %1 pieces in model.vocab</source>
        <translation>model.vocab 最多 %1 个片段</translation>
    </message>
    <message>
        <source>more of them</source>
        <translation>更多</translation>
    </message>
    <message>
        <source>model.merges to be an array</source>
        <translation>model.merges 为数组</translation>
    </message>
    <message>
        <source>two pieces in model.merges[%1], the last one below %2</source>
        <translation>model.merges[%1] 中的两个片段，最后一个低于 %2</translation>
    </message>
    <message>
        <source>an error (%1)</source>
        <translation>错误（%1）</translation>
    </message>
    <message>
        <source>dropout to be null or 0</source>
        <translation>dropout 为 null 或 0</translation>
    </message>
    <message>
        <source>%1, with which no text has the same tokens twice</source>
        <translation>%1，它使同一文本每次得到不同词元</translation>
    </message>
    <message>
        <source>Set dropout to null</source>
        <translation>请把 dropout 设为 null</translation>
    </message>
    <message>
        <source>a %1 of a known type</source>
        <translation>已知类型的 %1</translation>
    </message>
    <message>
        <source>a pattern of at most %1 bytes</source>
        <translation>最多 %1 字节的模式</translation>
    </message>
    <message>
        <source>a regular expression instead of %1</source>
        <translation>正则表达式而非 %1</translation>
    </message>
    <message>
        <source>a pattern: {&quot;String&quot;: text} or {&quot;Regex&quot;: expression}</source>
        <translation>模式：{&quot;String&quot;: 文本} 或 {&quot;Regex&quot;: 表达式}</translation>
    </message>
    <message>
        <source>a pattern without %1</source>
        <translation>不含 %1 的模式</translation>
    </message>
    <message>
        <source>the pattern %1</source>
        <translation>模式 %1</translation>
    </message>
    <message>
        <source>unk_id to be below %1, the size of the vocabulary</source>
        <translation>unk_id 低于词表大小 %1</translation>
    </message>
    <message>
        <source>the model&apos;s folder has no chat template: the messages of %1 conversations were joined by line breaks</source>
        <translation>模型文件夹没有对话模板：%1 个对话的消息以换行连接</translation>
    </message>
    <message>
        <source>a text file or folder whose name begins so</source>
        <translation>名称以此开头的文本文件或文件夹</translation>
    </message>
    <message>
        <source>none in %1</source>
        <translation>%1 中没有</translation>
    </message>
    <message>
        <source>Name the folder with --data-dir or BITLATHE_DATA, or give the path of a file</source>
        <translation>请用 --data-dir 或 BITLATHE_DATA 指定文件夹，或给出文件的路径</translation>
    </message>
    <message>
        <source>blocks and expressions in one another at most %1 deep</source>
        <translation>块和表达式最多相互嵌套 %1 层</translation>
    </message>
    <message>
        <source>%1 % of the evaluation text is in the calibration text too (runs of %2 tokens)</source>
        <translation>评估文本的 %1 % 也出现在校准文本中（以 %2 个词元的连续片段计）</translation>
    </message>
    <message>
        <source>Evaluate on a text that calibration has not seen</source>
        <translation>请用校准未见过的文本评估</translation>
    </message>
    <message>
        <source>a text of more than %1 tokens for this rule of selection</source>
        <translation>此选取规则需要多于 %1 个词元的文本</translation>
    </message>
    <message>
        <source>Use a longer text, shorter samples or the rule rows</source>
        <translation>请使用更长的文本、更短的样本，或规则 rows</translation>
    </message>
    <message>
        <source>rows, gptq, awq or lmdeploy</source>
        <translation>rows、gptq、awq 或 lmdeploy</translation>
    </message>
    <message>
        <source>rows of text for this rule of selection</source>
        <translation>此选取规则需要文本行</translation>
    </message>
    <message>
        <source>Use the rule rows or gptq</source>
        <translation>请使用规则 rows 或 gptq</translation>
    </message>
    <message>
        <source>a Parquet file</source>
        <translation>Parquet 文件</translation>
    </message>
    <message>
        <source>Convert it: python -c &quot;import pandas; pandas.read_parquet(&apos;%1&apos;).to_json(&apos;%2&apos;, orient=&apos;records&apos;, lines=True)&quot;</source>
        <translation>请转换：python -c &quot;import pandas; pandas.read_parquet(&apos;%1&apos;).to_json(&apos;%2&apos;, orient=&apos;records&apos;, lines=True)&quot;</translation>
    </message>
    <message>
        <source>a model folder, a .safetensors or .bin file, a recipe (.yaml) or a text</source>
        <translation>模型文件夹、.safetensors 或 .bin 文件、配方（.yaml）或文本</translation>
    </message>
    <message>
        <source>hidden states of these samples</source>
        <translation>这些样本的隐藏状态</translation>
    </message>
    <message>
        <source>others, or damaged ones</source>
        <translation>其他的，或已损坏</translation>
    </message>
    <message>
        <source>finite ranges of keys and values</source>
        <translation>有限的键和值范围</translation>
    </message>
    <message>
        <source>Calibrate again, on an intact model</source>
        <translation>请用完好的模型重新校准</translation>
    </message>
    <message>
        <source>max, min and absmax of every layer, each [heads, head size]</source>
        <translation>每层的 max、min 和 absmax，形状均为 [头数, 头大小]</translation>
    </message>
    <message>
        <source>tensors out of row-major order</source>
        <translation>不按行主序的张量</translation>
    </message>
    <message>
        <source>a tensor &quot;%1&quot;</source>
        <translation>张量“%1”</translation>
    </message>
    <message>
        <source>&quot;%1&quot; of %2 layers, where others have %3</source>
        <translation>“%1”有 %2 层，其他的有 %3 层</translation>
    </message>
    <message>
        <source>another shape than keys have</source>
        <translation>与键不同的形状</translation>
    </message>
    <message>
        <source>%1 bytes, as %2 says</source>
        <translation>%2 所说的 %1 字节</translation>
    </message>
    <message>
        <source>Check that all files are of one conversion and complete</source>
        <translation>请检查所有文件是否来自同一次转换且完整</translation>
    </message>
    <message>
        <source>Its keys and values take %1 % of the memory.</source>
        <translation>其键和值占用 %1 % 的内存。</translation>
    </message>
    <message>
        <source>two models of the same shape</source>
        <translation>形状相同的两个模型</translation>
    </message>
    <message>
        <source>%1 blocks of %2 and %3 blocks of %4</source>
        <translation>%1 个 %2 的块和 %3 个 %4 的块</translation>
    </message>
    <message>
        <source>Compare a model with the one that it was made from</source>
        <translation>请将模型与其来源模型比较</translation>
    </message>
    <message>
        <source>ranges of keys and values for &quot;%1&quot;</source>
        <translation>“%1”所需的键和值范围</translation>
    </message>
    <message>
        <source>neither KV parameters nor a text to calibrate on</source>
        <translation>既没有 KV 参数，也没有校准文本</translation>
    </message>
    <message>
        <source>Name one of them, or choose int8-token, which needs none</source>
        <translation>请指定其中之一，或选择不需要它们的 int8-token</translation>
    </message>
    <message>
        <source>KV parameters for &quot;%1&quot;</source>
        <translation>“%1”的 KV 参数</translation>
    </message>
    <message>
        <source>those for &quot;%1&quot;</source>
        <translation>“%1”的参数</translation>
    </message>
    <message>
        <source>Choose that cache, or name a folder of statistics</source>
        <translation>请选择该缓存，或指定统计数据文件夹</translation>
    </message>
    <message>
        <source>bitsandbytes (NF4, FP4, LLM.int8())</source>
        <translation>bitsandbytes（NF4、FP4、LLM.int8()）</translation>
    </message>
    <message>
        <source>codes of nf4, fp4 or llm-int8</source>
        <translation>nf4、fp4 或 llm-int8 的编码</translation>
    </message>
    <message>
        <source>integer codes with groups (%1)</source>
        <translation>分组的整数编码（%1）</translation>
    </message>
    <message>
        <source>Choose the method nf4, fp4 or llm-int8, or another format</source>
        <translation>请选择方法 nf4、fp4 或 llm-int8，或其他格式</translation>
    </message>
    <message>
        <source>nf4 or fp4: bitsandbytes has no checkpoints of 8-bit code books</source>
        <translation>nf4 或 fp4：bitsandbytes 没有 8 位码本的检查点</translation>
    </message>
    <message>
        <source>Choose the format dense</source>
        <translation>请选择格式 dense</translation>
    </message>
    <message>
        <source>codes that fill whole values of %1</source>
        <translation>能填满整个 %1 值的编码</translation>
    </message>
    <message>
        <source>Choose the quant storage uint8</source>
        <translation>请选择量化存储类型 uint8</translation>
    </message>
    <message>
        <source>is quantized, but llm_int8_skip_modules names it; transformers does not load such a folder</source>
        <translation>已量化，但 llm_int8_skip_modules 列出了它；transformers 无法加载这样的文件夹</translation>
    </message>
    <message>
        <source>uint8, bfloat16, float16 or float32 for %1</source>
        <translation>%1 为 uint8、bfloat16、float16 或 float32</translation>
    </message>
    <message>
        <source>Save the model again with one of these types</source>
        <translation>请用这些类型之一重新保存模型</translation>
    </message>
    <message>
        <source>nf4 or fp4 for bnb_4bit_quant_type</source>
        <translation>bnb_4bit_quant_type 为 nf4 或 fp4</translation>
    </message>
    <message>
        <source>Quantize the unquantized model again with one of these types</source>
        <translation>请用这些类型之一重新量化原模型</translation>
    </message>
    <message>
        <source>a list of names for %1</source>
        <translation>%1 为名称列表</translation>
    </message>
    <message>
        <source>load_in_4bit or load_in_8bit to be true</source>
        <translation>load_in_4bit 或 load_in_8bit 为 true</translation>
    </message>
    <message>
        <source>both</source>
        <translation>两者都是</translation>
    </message>
    <message>
        <source>neither</source>
        <translation>两者都不是</translation>
    </message>
    <message>
        <source>Correct it by what the tensors are: those of 8 bits have names that end in SCB</source>
        <translation>请按张量的实际情况更正：8 位的张量名以 SCB 结尾</translation>
    </message>
    <message>
        <source>one kind of code in all quantized layers, for bitsandbytes</source>
        <translation>对于 bitsandbytes，所有量化层使用同一种编码</translation>
    </message>
    <message>
        <source>%1 beside %2</source>
        <translation>%1 与 %2 并存</translation>
    </message>
    <message>
        <source>one quant_state</source>
        <translation>一个 quant_state</translation>
    </message>
    <message>
        <source>one of nf4 and one of fp4</source>
        <translation>nf4 和 fp4 各一个</translation>
    </message>
    <message>
        <source>the quant_type of its name</source>
        <translation>与其名称一致的 quant_type</translation>
    </message>
    <message>
        <source>a nested_offset, as there is a nested_absmax</source>
        <translation>nested_offset，因为有 nested_absmax</translation>
    </message>
    <message>
        <source>no nested_offset, as there is no nested_absmax</source>
        <translation>没有 nested_offset，因为没有 nested_absmax</translation>
    </message>
    <message>
        <source>one</source>
        <translation>有一个</translation>
    </message>
    <message>
        <source>0 (rows)</source>
        <translation>0（行）</translation>
    </message>
    <message>
        <source>%1, a layout of older GPUs</source>
        <translation>%1，旧 GPU 的布局</translation>
    </message>
    <message>
        <source>Save the model again with bitsandbytes 0.45 or newer</source>
        <translation>请用 bitsandbytes 0.45 或更新版本重新保存模型</translation>
    </message>
    <message>
        <source>the values of %1</source>
        <translation>%1 的值</translation>
    </message>
    <message>
        <source>%1 for code %2</source>
        <translation>编码 %2 对应 %1</translation>
    </message>
    <message>
        <source>bitsandbytes knows no other values: quantize the model again</source>
        <translation>bitsandbytes 不认识其他值：请重新量化模型</translation>
    </message>
    <message>
        <source>only parts of a weight that bitsandbytes knows</source>
        <translation>只含 bitsandbytes 认识的权重部分</translation>
    </message>
    <message>
        <source>another one, with which it does not load the layer</source>
        <translation>另一个部分，bitsandbytes 因此无法加载该层</translation>
    </message>
    <message>
        <source>Remove this tensor from the file</source>
        <translation>请从文件中删除此张量</translation>
    </message>
    <message>
        <source>Save the model again with the tool that wrote it</source>
        <translation>请用写出它的工具重新保存模型</translation>
    </message>
    <message>
        <source>stores scales in single precision; the new folder stores them in half precision, so that weights differ in the last bits</source>
        <translation>以单精度保存缩放因子；新文件夹以半精度保存，因此权重在末尾几位有差异</translation>
    </message>
    <message>
        <source>what a LLaMA computes, for %1</source>
        <translation>对于 %1，与 LLaMA 的计算相同</translation>
    </message>
    <message>
        <source>Choose another format</source>
        <translation>请选择其他格式</translation>
    </message>
    <message>
        <source>other norms</source>
        <translation>其他的归一化</translation>
    </message>
    <message>
        <source>other sums or scales of the hidden state</source>
        <translation>隐藏状态的其他求和或缩放</translation>
    </message>
    <message>
        <source>another mlp</source>
        <translation>其他的 mlp</translation>
    </message>
    <message>
        <source>other positions or a window</source>
        <translation>其他的位置编码或窗口</translation>
    </message>
    <message>
        <source>heads that do not make up the hidden size</source>
        <translation>头的总大小不等于隐藏大小</translation>
    </message>
    <message>
        <source>biases in the mlp</source>
        <translation>mlp 中的偏置</translation>
    </message>
    <message>
        <source>SmoothQuant of lmdeploy (only read)</source>
        <translation>lmdeploy 的 SmoothQuant（仅读取）</translation>
    </message>
    <message>
        <source>Choose the format compressed-tensors-int8</source>
        <translation>请选择格式 compressed-tensors-int8</translation>
    </message>
    <message>
        <source>the quant_type nf4 or fp4</source>
        <translation>quant_type 为 nf4 或 fp4</translation>
    </message>
    <message>
        <source>the shape %1</source>
        <translation>形状 %1</translation>
    </message>
    <message>
        <source>the nested_blocksize %1</source>
        <translation>nested_blocksize 为 %1</translation>
    </message>
    <message>
        <source>a finite nested_offset</source>
        <translation>有限的 nested_offset</translation>
    </message>
    <message>
        <source>TurboMind workspace (lmdeploy 0.1-0.5)</source>
        <translation>TurboMind 工作区（lmdeploy 0.1-0.5）</translation>
    </message>
    <message>
        <source>all layers in 4 bits with one group size, for %1</source>
        <translation>对于 %1，所有层均为 4 位且组大小相同</translation>
    </message>
    <message>
        <source>full precision</source>
        <translation>全精度</translation>
    </message>
    <message>
        <source>Remove the overrides, or choose another format</source>
        <translation>请删除覆盖项，或选择其他格式</translation>
    </message>
    <message>
        <source>heads of %1, the one size that TurboMind has for 4-bit layers</source>
        <translation>大小为 %1 的头，这是 TurboMind 4 位层唯一支持的大小</translation>
    </message>
    <message>
        <source>heads of %1</source>
        <translation>大小为 %1 的头</translation>
    </message>
    <message>
        <source>Choose the format awq, which newer versions of lmdeploy load</source>
        <translation>请选择格式 awq，较新版本的 lmdeploy 可加载</translation>
    </message>
    <message>
        <source>grids of keys and values for %1 ranks</source>
        <translation>%1 个 rank 的键和值网格</translation>
    </message>
    <message>
        <source>for %1</source>
        <translation>%1 个的</translation>
    </message>
    <message>
        <source>Make them again with as many ranks as the workspace has</source>
        <translation>请按工作区的 rank 数重新生成</translation>
    </message>
    <message>
        <source>a power of two</source>
        <translation>2 的幂</translation>
    </message>
    <message>
        <source>Give the number of GPUs that share the model</source>
        <translation>请给出共享模型的 GPU 数量</translation>
    </message>
    <message>
        <source>Choose fewer ranks than %1</source>
        <translation>请选择少于 %1 的 rank 数</translation>
    </message>
    <message>
        <source>%1 ranks that share out heads and the mlp evenly</source>
        <translation>能平均分配头和 mlp 的 %1 个 rank</translation>
    </message>
    <message>
        <source>%1 heads, %2 key heads, %3 in the mlp</source>
        <translation>%1 个头、%2 个键头、mlp 大小 %3</translation>
    </message>
    <message>
        <source>ranks whose inputs are whole groups of %1</source>
        <translation>每个 rank 的输入为 %1 的整组</translation>
    </message>
    <message>
        <source>%1 and %2 inputs</source>
        <translation>%1 和 %2 个输入</translation>
    </message>
    <message>
        <source>Convert the model again</source>
        <translation>请重新转换模型</translation>
    </message>
    <message>
        <source>the section [llama] with lines &quot;key = value&quot;</source>
        <translation>[llama] 一节，各行为“键 = 值”</translation>
    </message>
    <message>
        <source>something else in line %1</source>
        <translation>第 %1 行是其他内容</translation>
    </message>
    <message>
        <source>a value</source>
        <translation>一个值</translation>
    </message>
    <message>
        <source>an integer from %1 to %2</source>
        <translation>%1 到 %2 的整数</translation>
    </message>
    <message>
        <source>a number, 0 or above</source>
        <translation>不小于 0 的数</translation>
    </message>
    <message>
        <source>heads of an even size, in whole groups of each key head</source>
        <translation>大小为偶数的头，且按键头整组分配</translation>
    </message>
    <message>
        <source>%1 heads of %2, %3 key heads</source>
        <translation>%1 个大小为 %2 的头，%3 个键头</translation>
    </message>
    <message>
        <source>a number that divides heads and inter_size</source>
        <translation>能整除头数和 inter_size 的数</translation>
    </message>
    <message>
        <source>fp16, bf16 or int4</source>
        <translation>fp16、bf16 或 int4</translation>
    </message>
    <message>
        <source>groups and tiles of %1 that divide the sides of each rank</source>
        <translation>能整除每个 rank 各边的组和 %1 的分块</translation>
    </message>
    <message>
        <source>groups of %1, %2 and %3 inputs</source>
        <translation>每组 %1，输入 %2 和 %3</translation>
    </message>
    <message>
        <source>%1 files of each matrix, as config.ini says in tensor_para_size</source>
        <translation>每个矩阵 %1 个文件，如 config.ini 的 tensor_para_size 所述</translation>
    </message>
    <message>
        <source>a file of one more</source>
        <translation>多出一个文件</translation>
    </message>
    <message>
        <source>a TurboMind workspace of %1 ranks for the chat template %2, read as the LLaMA that computes the same</source>
        <translation>%1 个 rank、对话模板为 %2 的 TurboMind 工作区，按计算相同的 LLaMA 读取</translation>
    </message>
    <message>
        <source>a tensor for a TurboMind workspace</source>
        <translation>TurboMind 工作区的张量</translation>
    </message>
    <message>
        <source>no such tensor in the model</source>
        <translation>模型中没有该张量</translation>
    </message>
    <message>
        <source>a tensor that a TurboMind workspace has</source>
        <translation>TurboMind 工作区中有的张量</translation>
    </message>
    <message>
        <source>one for which it has no place</source>
        <translation>没有位置存放的张量</translation>
    </message>
    <message>
        <source>a tensor of the plan in its size, before the end</source>
        <translation>在结束之前，计划中大小相符的张量</translation>
    </message>
    <message>
        <source>the file %1</source>
        <translation>文件 %1</translation>
    </message>
    <message>
        <source>none, for the method %1</source>
        <translation>对于方法 %1，不使用平滑</translation>
    </message>
    <message>
        <source>Leave the smoothing away, or choose the method rtn, gptq, awq or smoothquant</source>
        <translation>请去掉平滑，或选择方法 rtn、gptq、awq 或 smoothquant</translation>
    </message>
    <message>
        <source>original inputs where scales of inputs are searched for (%1)</source>
        <translation>搜索输入缩放因子（%1）时使用原始输入</translation>
    </message>
    <message>
        <source>quantized ones</source>
        <translation>量化后的输入</translation>
    </message>
    <message>
        <source>Leave --sequential away, or choose the method gptq without smoothing</source>
        <translation>请去掉 --sequential，或选择不带平滑的方法 gptq</translation>
    </message>
    <message>
        <source>Rule</source>
        <translation>规则</translation>
    </message>
    <message>
        <source>Search for the best scales, or take them by the rule of lmdeploy&apos;s auto_awq</source>
        <translation>搜索最佳缩放因子，或按 lmdeploy auto_awq 的规则取得</translation>
    </message>
    <message>
        <source>a number of bits, for awq</source>
        <translation>对于 awq，一个位数</translation>
    </message>
    <message>
        <source>ternary weights</source>
        <translation>三值权重</translation>
    </message>
    <message>
        <source>Choose the method gptq</source>
        <translation>请选择方法 gptq</translation>
    </message>
    <message>
        <source>groups with zero points, for the rule %1</source>
        <translation>对于规则 %1，带零点的组</translation>
    </message>
    <message>
        <source>Choose asymmetric codes</source>
        <translation>请选择非对称编码</translation>
    </message>
    <message>
        <source>Double quantization</source>
        <translation>双重量化</translation>
    </message>
    <message>
        <source>Scales become 8-bit codes too: 0.37 bits less for each weight in blocks of 64, and hardly any more error</source>
        <translation>缩放因子也变为 8 位编码：块为 64 时每个权重少 0.37 位，误差几乎不增加</translation>
    </message>
    <message>
        <source>Code book</source>
        <translation>码本</translation>
    </message>
    <message>
        <source>The values of the codes: closer near zero, equally spaced, or spaced so that the layer&apos;s weights take each equally often</source>
        <translation>编码的取值：靠近零处更密、等间隔，或使该层权重取到各值的次数相同</translation>
    </message>
    <message>
        <source>Stored as</source>
        <translation>存储类型</translation>
    </message>
    <message>
        <source>The type under which files name the packed codes; the bytes are the same. Another than uint8 lets training tools cut layers among machines</source>
        <translation>文件中打包编码所用的类型名；字节相同。使用 uint8 以外的类型可让训练工具在多台机器间切分层</translation>
    </message>
    <message>
        <source>Compute in</source>
        <translation>计算类型</translation>
    </message>
    <message>
        <source>The type in which users of the files multiply; auto: that of the model</source>
        <translation>文件使用者相乘时的类型；auto：模型的类型</translation>
    </message>
    <message>
        <source>Threshold</source>
        <translation>阈值</translation>
    </message>
    <message>
        <source>Input channels that reach it are multiplied in half precision, the others in 8 bits; 0: all in 8 bits</source>
        <translation>达到阈值的输入通道以半精度相乘，其余以 8 位相乘；0：全部 8 位</translation>
    </message>
    <message>
        <source>Weights stay in half precision</source>
        <translation>权重保持半精度</translation>
    </message>
    <message>
        <source>Tells bitsandbytes to keep a half precision copy of the weights, as for training; the files hold 8-bit codes all the same</source>
        <translation>让 bitsandbytes 保留一份半精度权重，如用于训练；文件中仍是 8 位编码</translation>
    </message>
    <message>
        <source>CPU offload</source>
        <translation>CPU 卸载</translation>
    </message>
    <message>
        <source>Tells transformers that layers which do not fit on the GPU may stay on the CPU, in f32</source>
        <translation>允许 transformers 将 GPU 放不下的层以 f32 留在 CPU 上</translation>
    </message>
    <message>
        <source>a code book of the method %1</source>
        <translation>方法 %1 的码本</translation>
    </message>
    <message>
        <source>NF4 (4-bit NormalFloat)</source>
        <translation>NF4（4 位 NormalFloat）</translation>
    </message>
    <message>
        <source>Codes for values that normally distributed weights take equally often, one scale for a block of 64. Quick, needs no text; loads in transformers by way of bitsandbytes.</source>
        <translation>编码取正态分布的权重等频率出现的值，每 64 个一块共用一个缩放因子。快速，不需要文本；可通过 bitsandbytes 在 transformers 中加载。</translation>
    </message>
    <message>
        <source>FP4 (4-bit floating point)</source>
        <translation>FP4（4 位浮点）</translation>
    </message>
    <message>
        <source>Codes for floating point numbers of 4 bits, one scale for a block of 64. Needs no text; NF4 is better for nearly every model.</source>
        <translation>4 位浮点数编码，每 64 个一块共用一个缩放因子。不需要文本；几乎所有模型用 NF4 更好。</translation>
    </message>
    <message>
        <source>8-bit code books in blocks</source>
        <translation>分块 8 位码本</translation>
    </message>
    <message>
        <source>Codes of 8 bits for values that lie closer near zero, one scale for a block of 4096. For comparisons: no runtime loads such weights, so export them in the format dense.</source>
        <translation>8 位编码，靠近零处取值更密，每 4096 个一块共用一个缩放因子。用于比较：没有运行时能加载这种权重，请以格式 dense 导出。</translation>
    </message>
    <message>
        <source>Choose another KV cache</source>
        <translation>请选择其他 KV 缓存</translation>
    </message>
    <message>
        <source>k_scale and v_scale of every layer, of one number or one for each key head, above 0</source>
        <translation>每层的 k_scale 和 v_scale，一个数或每个键头一个，均大于 0</translation>
    </message>
    <message>
        <source>Make the KV parameters again</source>
        <translation>请重新生成 KV 参数</translation>
    </message>
    <message>
        <source>%1 in &quot;%2&quot;</source>
        <translation>“%2”中有 %1 个</translation>
    </message>
    <message>
        <source>&quot;%1&quot; without a fitting v_scale</source>
        <translation>“%1”没有相应的 v_scale</translation>
    </message>
    <message>
        <source>&quot;%1&quot; of another shape</source>
        <translation>“%1”的形状不同</translation>
    </message>
    <message>
        <source>turbomind, lmdeploy or vllm</source>
        <translation>turbomind、lmdeploy 或 vllm</translation>
    </message>
    <message>
        <source>KV parameters of every layer</source>
        <translation>每层的 KV 参数</translation>
    </message>
    <message>
        <source>Make them with kv-params</source>
        <translation>请用 kv-params 生成</translation>
    </message>
    <message>
        <source>two or four f32 numbers with scales above 0</source>
        <translation>两个或四个 f32 数，缩放因子大于 0</translation>
    </message>
    <message>
        <source>other numbers</source>
        <translation>其他的数</translation>
    </message>
    <message>
        <source>a KV cache with grids from a calibration</source>
        <translation>网格来自校准的 KV 缓存</translation>
    </message>
    <message>
        <source>Choose int8 or fp8</source>
        <translation>请选择 int8 或 fp8</translation>
    </message>
    <message>
        <source>a number that divides the %1 key heads</source>
        <translation>能整除 %1 个键头的数</translation>
    </message>
    <message>
        <source>Choose another number of ranks</source>
        <translation>请选择其他的 rank 数</translation>
    </message>
    <message>
        <source>ranges of keys and values that f16 holds</source>
        <translation>f16 能容纳的键和值范围</translation>
    </message>
    <message>
        <source>NaN, infinity or too large numbers</source>
        <translation>NaN、无穷大或过大的数</translation>
    </message>
    <message>
        <source>Calibrate again, or choose fp8</source>
        <translation>请重新校准，或选择 fp8</translation>
    </message>
    <message>
        <source>KV parameters of a model of %1 layers and %2 key heads</source>
        <translation>%1 层、%2 个键头的模型的 KV 参数</translation>
    </message>
    <message>
        <source>those of %1 layers with %2 grids each</source>
        <translation>%1 层、每层 %2 个网格的参数</translation>
    </message>
    <message>
        <source>Make them from statistics of this model</source>
        <translation>请用此模型的统计数据生成</translation>
    </message>
    <message>
        <source>Weights and inputs of 8 bits, but input channels with outliers stay in half precision. Needs no text; a calibration text shows how many channels those are. Loads in transformers by way of bitsandbytes.</source>
        <translation>权重和输入为 8 位，但有离群值的输入通道保持半精度。不需要文本；校准文本可显示这样的通道有多少。可通过 bitsandbytes 在 transformers 中加载。</translation>
    </message>
    <message>
        <source>8-bit rows with outliers</source>
        <translation>8 位行与离群值</translation>
    </message>
    <message>
        <source>weights that half precision holds</source>
        <translation>半精度能容纳的权重</translation>
    </message>
    <message>
        <source>one above 65504</source>
        <translation>超过 65504 的权重</translation>
    </message>
    <message>
        <source>Choose another method for this layer</source>
        <translation>请为此层选择其他方法</translation>
    </message>
    <message>
        <source>no calibration token reached it: its inputs are taken to lie within -1 ... 1</source>
        <translation>没有校准词元到达它：其输入按 -1 ... 1 处理</translation>
    </message>
    <message>
        <source>Use more samples, or scales for each token</source>
        <translation>请使用更多样本，或每个词元各自的缩放因子</translation>
    </message>
    <message>
        <source>symmetric, whole ranges, columns as they come, inputs in full precision</source>
        <translation>对称、完整范围、列按原顺序、输入全精度</translation>
    </message>
    <message>
        <source>a setting of integer grids</source>
        <translation>整数网格的设置</translation>
    </message>
    <message>
        <source>Leave these settings away, or choose the method rtn</source>
        <translation>请去掉这些设置，或选择方法 rtn</translation>
    </message>
    <message>
        <source>F32, in which bitsandbytes stores scales</source>
        <translation>F32，bitsandbytes 以此保存缩放因子</translation>
    </message>
    <message>
        <source>64, 128, 256, 512, 1024, 2048 or 4096 weights in a block</source>
        <translation>每块 64、128、256、512、1024、2048 或 4096 个权重</translation>
    </message>
    <message>
        <source>Try 64</source>
        <translation>可以试试 64</translation>
    </message>
    <message>
        <source>&quot;channel&quot;: one scale for a row</source>
        <translation>“channel”：每行一个缩放因子</translation>
    </message>
    <message>
        <source>Leave the group size away</source>
        <translation>请去掉组大小</translation>
    </message>
    <message>
        <source>a number of at least 0</source>
        <translation>不小于 0 的数</translation>
    </message>
    <message>
        <source>Try 6</source>
        <translation>可以试试 6</translation>
    </message>
    <message>
        <source>2 bits and zero points for ternary weights, as files hold them</source>
        <translation>三值权重使用 2 位和零点，如文件中所存</translation>
    </message>
    <message>
        <source>%1 bits, %2</source>
        <translation>%1 位，%2</translation>
    </message>
    <message>
        <source>Leave both settings away</source>
        <translation>请去掉这两个设置</translation>
    </message>
    <message>
        <source>inputs of 8 bits, for scales of inputs that stay the same</source>
        <translation>对于固定的输入缩放因子，使用 8 位输入</translation>
    </message>
    <message>
        <source>inputs in full precision</source>
        <translation>全精度输入</translation>
    </message>
    <message>
        <source>Choose 8 activation bits, or scales for each token</source>
        <translation>请选择 8 位激活，或每个词元各自的缩放因子</translation>
    </message>
    <message>
        <source>one of %1, or ternary</source>
        <translation>%1 之一，或 ternary</translation>
    </message>
    <message>
        <source>a text to calibrate the model on</source>
        <translation>用于校准模型的文本</translation>
    </message>
    <message>
        <source>Add --data, or name a folder of statistics</source>
        <translation>请加上 --data，或指定统计数据文件夹</translation>
    </message>
    <message>
        <source>calibration text, from which ranges of keys and values are found</source>
        <translation>校准文本，用于求键和值的范围</translation>
    </message>
    <message>
        <source>Name a text file</source>
        <translation>请指定文本文件</translation>
    </message>
    <message>
        <source>at most %1 tokens, so that the model has room to answer</source>
        <translation>最多 %1 个词元，以便模型有空间作答</translation>
    </message>
    <message>
        <source>Write a shorter one</source>
        <translation>请写短一些</translation>
    </message>
    <message>
        <source>the oldest %1 questions and their answers were left away</source>
        <translation>最早的 %1 个问题及其回答已略去</translation>
    </message>
    <message>
        <source>the model reads only so many tokens; /reset begins anew</source>
        <translation>模型只能读取有限的词元；/reset 重新开始</translation>
    </message>
    <message>
        <source>fewer than the %1 tokens that the model reads</source>
        <translation>少于模型可读取的 %1 个词元</translation>
    </message>
    <message>
        <source>Choose a smaller number</source>
        <translation>请选更小的数</translation>
    </message>
    <message>
        <source>scales of keys and values in fp8 or fp8-head, for %1</source>
        <translation>%1 需要 fp8 或 fp8-head 的键值缩放系数</translation>
    </message>
    <message>
        <source>those of &quot;%1&quot;</source>
        <translation>&quot;%1&quot; 的系数</translation>
    </message>
    <message>
        <source>Make them with kv-params --for vllm</source>
        <translation>请用 kv-params --for vllm 生成</translation>
    </message>
    <message>
        <source>attention under the name self_attn, where vLLM looks for scales of its cache</source>
        <translation>名为 self_attn 的注意力层，vLLM 在那里查找缓存的缩放系数</translation>
    </message>
    <message>
        <source>Leave the grids of keys and values out</source>
        <translation>请不要写入键和值的量化网格</translation>
    </message>
    <message>
        <source>Write the folder again with grids of keys and values (--kv-params)</source>
        <translation>请连同键和值的量化网格（--kv-params）重新写出该文件夹</translation>
    </message>
    <message>
        <source>an object kv_cache_scheme</source>
        <translation>对象 kv_cache_scheme</translation>
    </message>
    <message>
        <source>holds grids for its keys and values, for which the new folder has no place</source>
        <translation>带有键和值的量化网格，而新文件夹无处存放</translation>
    </message>
    <message>
        <source>a format that holds grids of keys and values: turbomind or compressed-tensors</source>
        <translation>可存放键和值量化网格的格式：turbomind 或 compressed-tensors</translation>
    </message>
    <message>
        <source>Choose one of these formats, or leave the grids out</source>
        <translation>请选择其中一种格式，或不写入量化网格</translation>
    </message>
    <message>
        <source>stretches rope in texts of more than %1 tokens, which TurboMind does not do as it does</source>
        <translation>在超过 %1 个词元的文本中会拉伸 rope，TurboMind 的做法与之不同</translation>
    </message>
    <message>
        <source>Keep to shorter texts, or try rope_scaling_factor = 1.0 in config.ini</source>
        <translation>请使用较短的文本，或在 config.ini 中尝试 rope_scaling_factor = 1.0</translation>
    </message>
    <message>
        <source>scales queries beyond %1 tokens (use_logn_attn), which programs that load a LLaMA do not</source>
        <translation>超过 %1 个词元后会缩放查询（use_logn_attn），加载 LLaMA 的程序不会这样做</translation>
    </message>
    <message>
        <source>twice the width of the mlp</source>
        <translation>mlp 宽度的两倍</translation>
    </message>
    <message>
        <source>2 or more</source>
        <translation>2 或更大</translation>
    </message>
    <message>
        <source>%1, the hidden size over the number of heads</source>
        <translation>%1，即隐藏维度除以头数</translation>
    </message>
    <message>
        <source>the vocabulary of the class %1</source>
        <translation>类 %1 的词表</translation>
    </message>
    <message>
        <source>the rank %1, which follows those before</source>
        <translation>接续前面各行的序号 %1</translation>
    </message>
    <message>
        <source>the rank %1</source>
        <translation>序号 %1</translation>
    </message>
    <message>
        <source>bytes that no line before has</source>
        <translation>前面各行没有出现过的字节</translation>
    </message>
    <message>
        <source>the same bytes again</source>
        <translation>相同的字节再次出现</translation>
    </message>
    <message>
        <source>a token for each of the %1 bytes</source>
        <translation>%1 个字节各有一个词元</translation>
    </message>
    <message>
        <source>for %1 of them</source>
        <translation>其中 %1 个有</translation>
    </message>
    <message>
        <source>asks for keys and values in fp8 and has no scales for them: here they stay in full precision, vLLM takes 1 for each</source>
        <translation>要求以 fp8 保存键和值，却没有相应的缩放系数：在这里它们保持全精度，而 vLLM 会全部取 1</translation>
    </message>
    <message>
        <source>original inputs where ranges of keys and values are found</source>
        <translation>在统计键和值的范围时使用原始输入</translation>
    </message>
    <message>
        <source>Make the grids with kv-params and name their folder, or leave --sequential away</source>
        <translation>请用 kv-params 生成量化网格并指定其文件夹，或不使用 --sequential</translation>
    </message>
    <message>
        <source>holds scales for its keys and values, which the new folder will not have</source>
        <translation>带有键和值的缩放系数，新文件夹将不含它们</translation>
    </message>
    <message>
        <source>Name --kv-params to write new ones</source>
        <translation>如需写入新的系数，请指定 --kv-params</translation>
    </message>
    <message>
        <source>Asking %1</source>
        <translation>正在向 %1 提问</translation>
    </message>
    <message>
        <source>%1 rows were passed over, which have another number of fields: %2</source>
        <translation>跳过了 %1 行，其字段数不同：%2</translation>
    </message>
    <message>
        <source>%1 rows were passed over, which hold no question: %2</source>
        <translation>跳过了 %1 行，其中没有问题：%2</translation>
    </message>
    <message>
        <source>%1 rows were passed over, which don&apos;t have two to 26 options: %2</source>
        <translation>跳过了 %1 行，其选项数不在 2 到 26 之间：%2</translation>
    </message>
    <message>
        <source>%1 rows were passed over, whose answer is not among the options: %2</source>
        <translation>跳过了 %1 行，其答案不在选项之中：%2</translation>
    </message>
    <message>
        <source>%1 rows were passed over, whose id was given before: %2</source>
        <translation>跳过了 %1 行，其 id 已在前面出现：%2</translation>
    </message>
    <message>
        <source>Correct or remove these rows</source>
        <translation>请更正或删除这些行</translation>
    </message>
    <message>
        <source>rows of a question, its options and the answer</source>
        <translation>由问题、选项和答案组成的行</translation>
    </message>
    <message>
        <source>Write rows as {&quot;question&quot;: ..., &quot;A&quot;: ..., &quot;B&quot;: ..., &quot;answer&quot;: &quot;A&quot;}</source>
        <translation>请将每行写成 {&quot;question&quot;: ..., &quot;A&quot;: ..., &quot;B&quot;: ..., &quot;answer&quot;: &quot;A&quot;}</translation>
    </message>
    <message>
        <source>Letter</source>
        <translation>字母</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>文本</translation>
    </message>
    <message>
        <source>Text, per byte</source>
        <translation>文本，按字节</translation>
    </message>
    <message>
        <source>%1 questions from %2, %3 examples before each, through the model&apos;s chat template; arithmetic %4.</source>
        <translation>来自 %2 的 %1 道题，每题之前有 %3 个示例，经由模型的对话模板；运算精度 %4。</translation>
    </message>
    <message>
        <source>%1 questions from %2, %3 examples before each, as plain text; arithmetic %4.</source>
        <translation>来自 %2 的 %1 道题，每题之前有 %3 个示例，以纯文本形式；运算精度 %4。</translation>
    </message>
    <message>
        <source>%1: %2 % of the questions right (95 %: %3 to %4), the base of the comparison.</source>
        <translation>%1：答对 %2 %（95 % 区间：%3 到 %4），为比较的基准。</translation>
    </message>
    <message>
        <source>%1: %2 % of the questions right, no different from %3 as far as these questions tell: %4 right for it alone, %5 for %3 alone.</source>
        <translation>%1：答对 %2 %，就这些题目而言与 %3 没有差别：仅它答对 %4 题，仅 %3 答对 %5 题。</translation>
    </message>
    <message>
        <source>%1: %2 % of the questions right, %3 points below %4 (p = %5).</source>
        <translation>%1：答对 %2 %，比 %4 低 %3 个百分点（p = %5）。</translation>
    </message>
    <message>
        <source>%1: %2 % of the questions right, %3 points above %4 (p = %5).</source>
        <translation>%1：答对 %2 %，比 %4 高 %3 个百分点（p = %5）。</translation>
    </message>
    <message>
        <source>questions to take %1 examples from</source>
        <translation>可从中选取 %1 个示例的题目</translation>
    </message>
    <message>
        <source>no file of the same name with _dev beside it, nor in a folder dev</source>
        <translation>旁边没有同名的 _dev 文件，dev 文件夹中也没有</translation>
    </message>
    <message>
        <source>Name a file of examples</source>
        <translation>请指定示例文件</translation>
    </message>
    <message>
        <source>%1 of %2 questions are asked with fewer than %3 examples, for there are no more of their subjects</source>
        <translation>%2 道题中有 %1 道的示例少于 %3 个，因为其学科没有更多示例</translation>
    </message>
    <message>
        <source>Ask for fewer examples or name a file that has them</source>
        <translation>请减少示例数，或指定含有足够示例的文件</translation>
    </message>
    <message>
        <source>at least one rule</source>
        <translation>至少一条规则</translation>
    </message>
    <message>
        <source>questions of at most %1 tokens</source>
        <translation>不超过 %1 个词元的题目</translation>
    </message>
    <message>
        <source>Ask with fewer examples</source>
        <translation>请减少示例数</translation>
    </message>
    <message>
        <source>%1 questions were not asked, which are longer than the %2 tokens of the model: %3</source>
        <translation>有 %1 道题未提问，因其长度超过模型的 %2 个词元：%3</translation>
    </message>
    <message>
        <source>windows of at least %1 tokens</source>
        <translation>至少 %1 个词元的窗口</translation>
    </message>
    <message>
        <source>1 to %1 tokens, the length of a window</source>
        <translation>1 到 %1 个词元，即窗口长度以内</translation>
    </message>
    <message>
        <source>Perplexity as GPTQ&apos;s evaluation takes it: rows joined by empty lines and tokenized as one text, windows of %1 tokens without overlap, %2 of them from %3; the first token of each is not scored; exp(mean of window means); arithmetic %4.</source>
        <translation>按 GPTQ 评测方式的困惑度：各行以空行连接并作为整段文本分词，窗口为 %1 个词元且不重叠，共 %2 个，取自 %3；每个窗口的首个词元不计分；exp(各窗口均值的平均)；运算精度 %4。</translation>
    </message>
    <message>
        <source>Perplexity as MiniCPM&apos;s quantize_eval.py takes it, by GPTQ&apos;s rule: rows joined by empty lines and tokenized as one text, windows of %1 tokens without overlap, %2 of them from %3; the first token of each is not scored; exp(mean of window means); arithmetic %4.</source>
        <translation>按 MiniCPM 的 quantize_eval.py（即 GPTQ 规则）的困惑度：各行以空行连接并作为整段文本分词，窗口为 %1 个词元且不重叠，共 %2 个，取自 %3；每个窗口的首个词元不计分；exp(各窗口均值的平均)；运算精度 %4。</translation>
    </message>
    <message>
        <source>Perplexity as llama.cpp takes it: windows of %1 tokens without overlap, %2 of them from %3, each begun with the token that begins a text; the tokens of its second half are scored, all equally; arithmetic %4.</source>
        <translation>按 llama.cpp 方式的困惑度：窗口为 %1 个词元且不重叠，共 %2 个，取自 %3，每个窗口以文本起始词元开头；只对后半部分的词元计分，权重相同；运算精度 %4。</translation>
    </message>
    <message>
        <source>Perplexity as Hugging Face&apos;s guide takes it: windows of %1 tokens at every %5 tokens, %2 of them from %3; of each the tokens are scored that none before it held; arithmetic %4.</source>
        <translation>按 Hugging Face 指南方式的困惑度：每隔 %5 个词元取一个 %1 个词元的窗口，共 %2 个，取自 %3；只对此前窗口未含的词元计分；运算精度 %4。</translation>
    </message>
    <message>
        <source>schemes that round weights only</source>
        <translation>只对权重取整的方案</translation>
    </message>
    <message>
        <source>one that rounds inputs, too</source>
        <translation>同时对输入取整的方案</translation>
    </message>
    <message>
        <source>Choose the method gptq, awq or rtn without activation bits</source>
        <translation>请选择 gptq、awq 或 rtn 方法，且不设激活位数</translation>
    </message>
    <message>
        <source>at least one</source>
        <translation>至少一个</translation>
    </message>
    <message>
        <source>Choose bits and group sizes</source>
        <translation>请选择位数和分组大小</translation>
    </message>
    <message>
        <source>at least one sample</source>
        <translation>至少一个样本</translation>
    </message>
    <message>
        <source>a format whose layers may have different schemes</source>
        <translation>各层可采用不同方案的格式</translation>
    </message>
    <message>
        <source>Choose one of these formats and programs: %1</source>
        <translation>请选择以下格式和程序之一：%1</translation>
    </message>
    <message>
        <source>a program that loads the format %1: %2</source>
        <translation>能加载格式 %1 的程序：%2</translation>
    </message>
    <message>
        <source>Choose a larger budget, or allow schemes of fewer bits and larger groups</source>
        <translation>请增大预算，或允许更少位数和更大分组的方案</translation>
    </message>
    <message>
        <source>bits and group sizes of which it holds at least one pair</source>
        <translation>其至少支持其中一组的位数与分组大小</translation>
    </message>
    <message>
        <source>bits %1, group sizes %2</source>
        <translation>位数 %1，分组大小 %2</translation>
    </message>
    <message>
        <source>Choose other bits or group sizes, or one of these formats: %1</source>
        <translation>请选择其他位数或分组大小，或以下格式之一：%1</translation>
    </message>
    <message>
        <source>a scheme that the format %1 holds and its program loads</source>
        <translation>格式 %1 支持且其程序能加载的方案</translation>
    </message>
    <message>
        <source>none of those searched</source>
        <translation>搜索的方案中没有一个</translation>
    </message>
    <message>
        <source>Keep this layer in full precision with an override, or allow others</source>
        <translation>请用覆盖项将该层保持全精度，或允许其他方案</translation>
    </message>
    <message>
        <source>at least %1 bits per weight, the least that these schemes reach</source>
        <translation>每个权重至少 %1 位，这是这些方案能达到的最小值</translation>
    </message>
    <message>
        <source>fewer</source>
        <translation>更少</translation>
    </message>
    <message>
        <source>at least %1 MiB for the files, the least that these schemes reach</source>
        <translation>文件至少 %1 MiB，这是这些方案能达到的最小值</translation>
    </message>
    <message>
        <source>%1 MiB</source>
        <translation>%1 MiB</translation>
    </message>
    <message>
        <source>more than the %1 MiB that keys, values and activations take alone</source>
        <translation>多于键、值和激活本身占用的 %1 MiB</translation>
    </message>
    <message>
        <source>a rise of perplexity by at least %1 %, the least that these schemes reach</source>
        <translation>困惑度至少上升 %1 %，这是这些方案能达到的最小值</translation>
    </message>
    <message>
        <source>%1 %</source>
        <translation>%1 %</translation>
    </message>
    <message>
        <source>the protocol &quot;strided&quot;</source>
        <translation>协议 “strided”</translation>
    </message>
    <message>
        <source>&quot;%1&quot;, whose windows don&apos;t overlap</source>
        <translation>“%1”，其窗口不重叠</translation>
    </message>
    <message>
        <source>a size such as 3.9GB or 4GiB</source>
        <translation>如 3.9GB 或 4GiB 的大小</translation>
    </message>
    <message>
        <source>a number of tokens such as 8192 or 8k</source>
        <translation>如 8192 或 8k 的词元数</translation>
    </message>
    <message>
        <source>a share such as 1%</source>
        <translation>如 1% 的比例</translation>
    </message>
    <message>
        <source>--context N beside it</source>
        <translation>同时给出 --context N</translation>
    </message>
    <message>
        <source>Say how many tokens a sequence may have</source>
        <translation>请说明一个序列可有多少词元</translation>
    </message>
    <message>
        <source>one kind of cache</source>
        <translation>一种缓存</translation>
    </message>
    <message>
        <source>PATTERN=keep</source>
        <translation>PATTERN=keep</translation>
    </message>
    <message>
        <source>a scheme, which is what is searched for</source>
        <translation>一个方案，而方案正是要搜索的内容</translation>
    </message>
    <message>
        <source>Leave it away, or change the recipe that comes out</source>
        <translation>请去掉它，或修改得到的配方</translation>
    </message>
    <message>
        <source>Correct the table, or leave it away to use the one that is built in</source>
        <translation>请更正该表，或去掉它以使用内置的表</translation>
    </message>
    <message>
        <source>nothing</source>
        <translation>无</translation>
    </message>
    <message>
        <source>a list</source>
        <translation>列表</translation>
    </message>
    <message>
        <source>a number from %1 to %2</source>
        <translation>%1 到 %2 之间的数</translation>
    </message>
    <message>
        <source>true or false</source>
        <translation>true 或 false</translation>
    </message>
    <message>
        <source>a text</source>
        <translation>文本</translation>
    </message>
    <message>
        <source>an energy counter that this user may read</source>
        <translation>当前用户可读取的能耗计数器</translation>
    </message>
    <message>
        <source>one that only an administrator may</source>
        <translation>仅管理员可读取的计数器</translation>
    </message>
    <message>
        <source>Allow reading it to see what energy a token takes</source>
        <translation>允许读取它，以查看每个词元的能耗</translation>
    </message>
    <message>
        <source>energy counters of the processors</source>
        <translation>处理器的能耗计数器</translation>
    </message>
    <message>
        <source>none, as in most virtual machines and containers</source>
        <translation>无，多数虚拟机和容器都是如此</translation>
    </message>
    <message>
        <source>one that can&apos;t be read any more</source>
        <translation>已无法读取的计数器</translation>
    </message>
    <message>
        <source>a whole number of 0 or more</source>
        <translation>不小于 0 的整数</translation>
    </message>
    <message>
        <source>a number of examples to take from %1</source>
        <translation>从 %1 中取的示例数</translation>
    </message>
    <message>
        <source>Say how many, or leave their file away</source>
        <translation>请说明数量，或去掉示例文件</translation>
    </message>
    <message>
        <source>what the models gave is not kept for the next comparison: %1</source>
        <translation>模型的得分未为下次比较保存：%1</translation>
    </message>
    <message>
        <source>%1 is left out: its logits are NaN or infinite</source>
        <translation>已略去 %1：其 logits 为 NaN 或无穷大</translation>
    </message>
    <message>
        <source>the models were read from disk block by block, for together they take more memory than there is: their tokens/s tell of the disk</source>
        <translation>模型总共需要的内存多于可用内存，因此从磁盘逐块读取：其词元/秒反映的是磁盘速度</translation>
    </message>
    <message>
        <source>Compare fewer models at once where speed matters</source>
        <translation>若关注速度，请一次比较较少的模型</translation>
    </message>
    <message>
        <source>%1 has no answers to the questions: %2</source>
        <translation>%1 没有回答题目：%2</translation>
    </message>
    <message>
        <source>Letting %1 write</source>
        <translation>正在让 %1 生成</translation>
    </message>
    <message>
        <source>%1 has written nothing: %2</source>
        <translation>%1 未生成任何内容：%2</translation>
    </message>
    <message>
        <source>a whole number of %1 or more</source>
        <translation>不小于 %1 的整数</translation>
    </message>
    <message>
        <source>%1 prompts were left out, which with the new tokens are longer than the %2 tokens of the model</source>
        <translation>略去了 %1 条提示，它们加上新词元超过模型的 %2 个词元</translation>
    </message>
    <message>
        <source>Give shorter prompts or write fewer tokens</source>
        <translation>请给出更短的提示，或生成更少的词元</translation>
    </message>
    <message>
        <source>prompts that with the new tokens are at most %1 tokens long</source>
        <translation>加上新词元后不超过 %1 个词元的提示</translation>
    </message>
    <message>
        <source>prompts: a line each, or rows with prompt or a conversation</source>
        <translation>提示：每行一条，或含 prompt 字段或对话的行</translation>
    </message>
    <message>
        <source>Name the field that holds them: FILE#field</source>
        <translation>请指明所在字段：FILE#field</translation>
    </message>
    <message>
        <source>%1 rows hold no prompt, the first of them is %2</source>
        <translation>%1 行没有提示，第一处为 %2</translation>
    </message>
    <message>
        <source>%1 prompts from %2, through the model&apos;s chat template; up to %3 tokens each, drawn at temperature %4 with seed %5; arithmetic %6.</source>
        <translation>来自 %2 的 %1 条提示，经由模型的对话模板；每条最多 %3 个词元，以温度 %4、种子 %5 采样；运算 %6。</translation>
    </message>
    <message>
        <source>%1 prompts from %2, as plain text; up to %3 tokens each, drawn at temperature %4 with seed %5; arithmetic %6.</source>
        <translation>来自 %2 的 %1 条提示，作为纯文本；每条最多 %3 个词元，以温度 %4、种子 %5 采样；运算 %6。</translation>
    </message>
    <message>
        <source>%1 prompts from %2, through the model&apos;s chat template; up to %3 tokens each, always the most likely one; arithmetic %4.</source>
        <translation>来自 %2 的 %1 条提示，经由模型的对话模板；每条最多 %3 个词元，总取最可能者；运算 %4。</translation>
    </message>
    <message>
        <source>%1 prompts from %2, as plain text; up to %3 tokens each, always the most likely one; arithmetic %4.</source>
        <translation>来自 %2 的 %1 条提示，作为纯文本；每条最多 %3 个词元，总取最可能者；运算 %4。</translation>
    </message>
    <message>
        <source>%1: %2 tokens a text, %3 of %4 texts end in a loop; the base of the comparison.</source>
        <translation>%1：每篇 %2 个词元，%4 篇中有 %3 篇以循环结束；比较的基准。</translation>
    </message>
    <message>
        <source>%1 writes what %2 writes, for all %3 prompts.</source>
        <translation>对全部 %3 条提示，%1 的生成与 %2 相同。</translation>
    </message>
    <message>
        <source>at least one number</source>
        <translation>至少一个数</translation>
    </message>
    <message>
        <source>whole numbers from 1 to %1</source>
        <translation>1 到 %1 的整数</translation>
    </message>
    <message>
        <source>%1 of %2 lengths (%3) are beyond the %4 positions of the model</source>
        <translation>%2 个长度中有 %1 个 (%3) 超出模型的 %4 个位置</translation>
    </message>
    <message>
        <source>Choose shorter ones</source>
        <translation>请选择更短的长度</translation>
    </message>
    <message>
        <source>They were not measured: choose shorter ones</source>
        <translation>未测量它们：请选择更短的长度</translation>
    </message>
    <message>
        <source>Medians of %1 repeats with %2 threads; %3 tokens written behind each context, whose keys and values are made up; the sequences of a batch side by side, weights read once for all; arithmetic %4.</source>
        <translation>%1 次重复的中位数，%2 个线程；每个上下文之后生成 %3 个词元，其键和值为虚构；同批序列并行，权重只读一次；运算 %4。</translation>
    </message>
    <message>
        <source>whole numbers from 1 to 8</source>
        <translation>1 到 8 的整数</translation>
    </message>
    <message>
        <source>the name of a format</source>
        <translation>格式名称</translation>
    </message>
    <message>
        <source>the key gpu, or cpu with the value true</source>
        <translation>键 gpu，或值为 true 的 cpu</translation>
    </message>
    <message>
        <source>each format once</source>
        <translation>每种格式一次</translation>
    </message>
    <message>
        <source>each program once</source>
        <translation>每个程序一次</translation>
    </message>
    <message>
        <source>memory of a GPU or of a processor</source>
        <translation>GPU 或处理器的内存</translation>
    </message>
    <message>
        <source>no compute capability where there is no GPU</source>
        <translation>没有 GPU 时不应有计算能力</translation>
    </message>
    <message>
        <source>a whole number above 0</source>
        <translation>大于 0 的整数</translation>
    </message>
    <message>
        <source>Choose a shorter context</source>
        <translation>请选择更短的上下文</translation>
    </message>
    <message>
        <source>a program that loads a format which is written here</source>
        <translation>能加载此处所写格式的程序</translation>
    </message>
    <message>
        <source>%1 alone</source>
        <translation>仅 %1</translation>
    </message>
    <message>
        <source>Convert an unquantized folder with the program&apos;s own tools</source>
        <translation>请用该程序自己的工具转换未量化的文件夹</translation>
    </message>
    <message>
        <source>a program that runs this model on a %1</source>
        <translation>能在 %1 上运行此模型的程序</translation>
    </message>
    <message>
        <source>none in the table</source>
        <translation>表中没有</translation>
    </message>
    <message>
        <source>%1, which does not</source>
        <translation>%1，但它不能</translation>
    </message>
    <message>
        <source>Choose another program, or another device</source>
        <translation>请选择其他程序或其他设备</translation>
    </message>
    <message>
        <source>Nothing fits the GPU: these run on the processor, which is many times slower.</source>
        <translation>没有方案放得进 GPU：以下方案在处理器上运行，要慢许多倍。</translation>
    </message>
    <message>
        <source>Weights take %1 GiB, keys and values of %2 x %3 tokens %4 GiB, activations and the program about %5 GiB: %6 of the %7 GiB that it may fill.</source>
        <translation>权重占 %1 GiB，%2 × %3 词元的键和值占 %4 GiB，激活和程序约占 %5 GiB：在可用的 %7 GiB 中占 %6。</translation>
    </message>
    <message>
        <source>There is room for %1 x %2 tokens, or for %3 x %4.</source>
        <translation>可容纳 %1 × %2 词元，或 %3 × %4。</translation>
    </message>
    <message>
        <source>Weights stay as they are: nothing is lost.</source>
        <translation>权重保持原样：没有损失。</translation>
    </message>
    <message>
        <source>Perplexity rises by about %1 %: measured with %2 million parameters on %3 (%4, %5).</source>
        <translation>困惑度约上升 %1 %：在 %3 上以 %2 百万参数的模型测得 (%4，%5)。</translation>
    </message>
    <message>
        <source>No figure is known for a model of this size; larger models usually lose less.</source>
        <translation>没有此规模模型的数据；更大的模型通常损失更少。</translation>
    </message>
    <message>
        <source>No figure is known for a model of this size; smaller models usually lose more.</source>
        <translation>没有此规模模型的数据；更小的模型通常损失更多。</translation>
    </message>
    <message>
        <source>Keys and values in %1 bits (%2) add about %3 % to perplexity (%4, %5).</source>
        <translation>%1 位的键和值 (%2) 使困惑度约增加 %3 % (%4，%5)。</translation>
    </message>
    <message>
        <source>%1 runs models in 16 bits (%2; %3, %4).</source>
        <translation>%1 可运行 16 位模型 (%2；%3，%4)。</translation>
    </message>
    <message>
        <source>%1 loads the format %2 in this scheme (%3; %4, %5).</source>
        <translation>%1 可加载此方式的格式 %2 (%3；%4，%5)。</translation>
    </message>
    <message>
        <source>It needs an NVIDIA GPU of compute capability %1 or above.</source>
        <translation>需要计算能力 %1 或以上的 NVIDIA GPU。</translation>
    </message>
    <message>
        <source>Without a GPU each token waits for the weights to be read from memory: fewer bits are faster.</source>
        <translation>没有 GPU 时，每个词元都要等待从内存读取权重：位数越少越快。</translation>
    </message>
    <message>
        <source>On a server memory is there to be used: 16 and 8 bits lose least.</source>
        <translation>在服务器上内存就是用来使用的：16 位和 8 位损失最小。</translation>
    </message>
    <message>
        <source>On a small device memory and its speed are the limit: few bits leave room.</source>
        <translation>在小型设备上，内存及其速度是瓶颈：位数少才有余地。</translation>
    </message>
    <message>
        <source>%1 needs some text like that which the model will read, to see which weights matter.</source>
        <translation>%1 需要一些与模型将读到的内容相似的文本，以判断哪些权重重要。</translation>
    </message>
    <message>
        <source>A context of %1 tokens instead of %2 would fit.</source>
        <translation>把上下文从 %2 个词元改为 %1 个就放得下。</translation>
    </message>
    <message>
        <source>%1 sequences at once instead of %2 would fit.</source>
        <translation>把同时处理的序列从 %2 个改为 %1 个就放得下。</translation>
    </message>
    <message>
        <source>Weights alone take %1 GiB in the fewest bits that are of use: take a smaller model.</source>
        <translation>即使用最少的可用位数，仅权重就占 %1 GiB：请选用更小的模型。</translation>
    </message>
    <message>
        <source>A device with %1 GiB more would run it as asked for.</source>
        <translation>内存多 %1 GiB 的设备可按要求运行。</translation>
    </message>
    <message>
        <source>at least one figure</source>
        <translation>至少一个数据</translation>
    </message>
    <message>
        <source>one rule</source>
        <translation>一条规则</translation>
    </message>
    <message>
        <source>two limits, &quot;fine&quot; the better one</source>
        <translation>两个界限，“fine” 为较好者</translation>
    </message>
    <message>
        <source>the name of a measure</source>
        <translation>指标名称</translation>
    </message>
    <message>
        <source>Loss by position in the window</source>
        <translation>按窗口中位置的损失</translation>
    </message>
    <message>
        <source>position of the token</source>
        <translation>词元的位置</translation>
    </message>
    <message>
        <source>mean loss (nats)</source>
        <translation>平均损失 (nat)</translation>
    </message>
    <message>
        <source>KL divergence by position in the window</source>
        <translation>按窗口中位置的 KL 散度</translation>
    </message>
    <message>
        <source>mean KL divergence (nats)</source>
        <translation>平均 KL 散度 (nat)</translation>
    </message>
    <message>
        <source>Perplexity did not rise as far as these windows tell (%1 ± %2 %): the text is as little a surprise as before.</source>
        <translation>就这些窗口而言困惑度没有上升 (%1 ± %2 %)：文本仍如先前一样可预测。</translation>
    </message>
    <message>
        <source>Perplexity rose by %1 % (± %2 %), from %3 to %4: so much less sure the model is of each next token.</source>
        <translation>困惑度上升了 %1 % (± %2 %)，从 %3 到 %4：模型对下一个词元的把握相应降低。</translation>
    </message>
    <message>
        <source>Probabilities of the next token are %1 nats away from the base&apos;s (mean KL divergence); in one place of a hundred more than %2.</source>
        <translation>下一个词元的概率与基准相差 %1 nat (平均 KL 散度)；每百处有一处超过 %2。</translation>
    </message>
    <message>
        <source>The most likely token is another one in %1 % of places.</source>
        <translation>在 %1 % 的位置上最可能的词元不同。</translation>
    </message>
    <message>
        <source>The largest errors are in %1; these carry %2 % of the sum over all layers.</source>
        <translation>最大的误差在 %1；它们占所有层总和的 %2 %。</translation>
    </message>
    <message>
        <source>Errors grow through the depth: %1 on average in the first third of the blocks, %2 in the last.</source>
        <translation>误差随深度增长：前三分之一的块平均 %1，后三分之一平均 %2。</translation>
    </message>
    <message>
        <source>Errors are larger at the beginning: %1 on average in the first third of the blocks, %2 in the last. What is lost early is carried through all later blocks.</source>
        <translation>开头的误差较大：前三分之一的块平均 %1，后三分之一平均 %2。早期的损失会传到之后所有块。</translation>
    </message>
    <message>
        <source>Errors are spread evenly over the depth: %1 on average in the first third of the blocks, %2 in the last.</source>
        <translation>误差在深度上分布均匀：前三分之一的块平均 %1，后三分之一平均 %2。</translation>
    </message>
    <message>
        <source>Block %1 stands out: it carries %2 % of all errors, %3 times its share.</source>
        <translation>第 %1 块格外突出：它占全部误差的 %2 %，是应有份额的 %3 倍。</translation>
    </message>
    <message>
        <source>No layer has an error that could be measured.</source>
        <translation>没有可测量出误差的层。</translation>
    </message>
    <message>
        <source>Of all kinds of layers %1 loses most: %2 on average, the others %3.</source>
        <translation>各类层中 %1 损失最大：平均 %2，其余为 %3。</translation>
    </message>
    <message>
        <source>In %1 layers many codes lie at the ends of their range: it was cut, or the weights have a hard edge.</source>
        <translation>有 %1 层的许多编码落在范围两端：范围被截断，或权重有明显的边界。</translation>
    </message>
    <message>
        <source>These errors are of the weights alone: without calibration nobody knows which of them matter to the outputs.</source>
        <translation>这些只是权重的误差：没有校准就无法知道哪些对输出重要。</translation>
    </message>
    <message>
        <source>Give %1 more bits with an override, for example bits:8.</source>
        <translation>用覆盖项给 %1 更多位数，例如 bits:8。</translation>
    </message>
    <message>
        <source>Take gptq or awq with a calibration text: they lose about half of what rounding to nearest does in 4 bits.</source>
        <translation>请用带校准文本的 gptq 或 awq：4 位时其损失约为就近舍入的一半。</translation>
    </message>
    <message>
        <source>Let %1 search longer: effort best.</source>
        <translation>让 %1 搜索更久：effort best。</translation>
    </message>
    <message>
        <source>Take smaller groups, %1 instead of %2: more scales, smaller errors.</source>
        <translation>使用更小的分组，%1 代替 %2：缩放更多，误差更小。</translation>
    </message>
    <message>
        <source>Use zero points (asymmetric), where the program that loads it knows them.</source>
        <translation>若加载程序支持，请使用零点 (非对称)。</translation>
    </message>
    <message>
        <source>Try act-order, which rounds the columns that matter most first.</source>
        <translation>可尝试 act-order，它先舍入最重要的列。</translation>
    </message>
    <message>
        <source>Evaluate it on a text: only perplexity and KL divergence tell what these errors come to together.</source>
        <translation>请在文本上评估：只有困惑度和 KL 散度才能说明这些误差的总体影响。</translation>
    </message>
    <message>
        <source>Measure the layers of %1</source>
        <translation>测量 %1 的各层</translation>
    </message>
    <message>
        <source>an option with a recipe</source>
        <translation>带配方的方案</translation>
    </message>
    <message>
        <source>none that quantizes</source>
        <translation>没有需要量化的方案</translation>
    </message>
    <message>
        <source>Use the model as it is, or ask for --quality small</source>
        <translation>请按原样使用模型，或指定 --quality small</translation>
    </message>
    <message>
        <source>Measuring the speed</source>
        <translation>正在测量速度</translation>
    </message>
    <message>
        <source>%1 writes what %2 writes for %3 of %4 prompts; half of the texts part within %5 tokens; %6 of %4 end in a loop.</source>
        <translation>%4 条提示中有 %3 条，%1 的生成与 %2 相同；半数文本在 %5 个词元内分歧；%4 篇中有 %6 篇以循环结束。</translation>
    </message>
    <message>
        <source>The model was made for sequences of %1 tokens; %2 are more than it learned from.</source>
        <translation>该模型为 %1 个词元的序列而训练；%2 个超出了它学过的长度。</translation>
    </message>
    <message>
        <source>Rounding to nearest in 4 bits leaves 0.2 to 1.6 % of the outputs&apos; energy as error in the demo model&apos;s layers, and 8 % more perplexity; GPTQ and AWQ leave less than 1 % in most.</source>
        <translation>在演示模型的各层中，4 位就近舍入留下输出能量的 0.2 到 1.6 % 作为误差，困惑度高 8 %；GPTQ 和 AWQ 在多数层留下不到 1 %。</translation>
    </message>
    <message>
        <source>A grid over the whole range of 128 weights has one or two codes at its ends, about 1.2 %; many more mean that ranges were cut.</source>
        <translation>覆盖 128 个权重全部范围的网格有一两个编码在两端，约 1.2 %；多得多则说明范围被截断。</translation>
    </message>
    <message>
        <source>8 bits lie below 1 %; good 4 bits at 2 to 5 %, plain rounding to 4 bits at 8 %; 3 bits at 13 % and more (demo model).</source>
        <translation>8 位低于 1 %；好的 4 位为 2 到 5 %，4 位直接舍入为 8 %；3 位为 13 % 及以上 (演示模型)。</translation>
    </message>
    <message>
        <source>8 bits lie at 0.0002 to 0.003 nats, 4 bits at 0.04 to 0.09, 3 bits above 0.2 (demo model, original tools).</source>
        <translation>8 位为 0.0002 到 0.003 nat，4 位为 0.04 到 0.09，3 位高于 0.2 (演示模型，原版工具)。</translation>
    </message>
    <message>
        <source>Where the most likely token is another one, greedy text takes another turn; an fp8 KV cache alone changes 3 % of them (demo model).</source>
        <translation>最可能的词元不同之处，贪心生成的文本就会转向；仅 fp8 KV 缓存就会改变其中 3 % (演示模型)。</translation>
    </message>
    <message>
        <source>Perplexity fell by %1 % (± %2 %), from %3 to %4: on this text nothing was lost.</source>
        <translation>困惑度下降了 %1 % (± %2 %)，从 %3 到 %4：在此文本上没有损失。</translation>
    </message>
    <message>
        <source>a path from the root</source>
        <translation>从根目录开始的路径</translation>
    </message>
    <message>
        <source>windows of %1 tokens are longer than the %2 that the model knows: what it loses behind them is not what quantization costs</source>
        <translation>%1 个词元的窗口超过模型所知的 %2 个：其后的损失并非量化造成</translation>
    </message>
    <message>
        <source>Choose shorter windows</source>
        <translation>请选择更短的窗口</translation>
    </message>
    <message>
        <source>at least one model</source>
        <translation>至少一个模型</translation>
    </message>
    <message>
        <source>tensors of the same names and shapes as in %1</source>
        <translation>与 %1 中名称和形状相同的张量</translation>
    </message>
    <message>
        <source>Choose two folders of one model</source>
        <translation>请选择同一模型的两个文件夹</translation>
    </message>
    <message>
        <source>a GPU that is too old (%1)</source>
        <translation>GPU 过旧（%1）</translation>
    </message>
    <message>
        <source>too little memory of the GPU (%1)</source>
        <translation>GPU 内存过少（%1）</translation>
    </message>
    <message>
        <source>a CUDA plug-in that misses a library (%1)</source>
        <translation>CUDA 插件缺少库（%1）</translation>
    </message>
    <message>
        <source>a GPU that does not start (%1)</source>
        <translation>GPU 无法启动（%1）</translation>
    </message>
    <message>
        <source>a file beside what is said of it</source>
        <translation>除说明之外还需要一个文件</translation>
    </message>
    <message>
        <source>a text to compare on beside questions and prompts</source>
        <translation>除问题和提示之外还需要用于比较的文本</translation>
    </message>
    <message>
        <source>Measure the speed of %1 models</source>
        <translation>测量 %1 个模型的速度</translation>
    </message>
    <message>
        <source>Compare the tensors of %1 and %2</source>
        <translation>比较 %1 与 %2 的张量</translation>
    </message>
    <message>
        <source>Timing operations</source>
        <translation>正在计时各运算</translation>
    </message>
    <message>
        <source>operations that end</source>
        <translation>能结束的运算</translation>
    </message>
    <message>
        <source>Comparing tensors</source>
        <translation>正在比较张量</translation>
    </message>
    <message>
        <source>Set HOME to a folder that can be written</source>
        <translation>请将 HOME 设为可写的文件夹</translation>
    </message>
    <message>
        <source>the history of runs is not kept: %1</source>
        <translation>不会保存运行历史：%1</translation>
    </message>
    <message>
        <source>settings are not kept: %1</source>
        <translation>不会保存设置：%1</translation>
    </message>
    <message>
        <source>what was computed is not kept to not be computed again: %1</source>
        <translation>不会保存计算结果，以后需要重新计算：%1</translation>
    </message>
    <message>
        <source>it is not set: history, settings and cache lie among temporary files, which the system clears</source>
        <translation>未设置：历史、设置和缓存位于临时文件中，系统会将其清除</translation>
    </message>
    <message>
        <source>passes the blocks with %1 windows at a time, as the memory of the GPU does not hold %2 (%3)</source>
        <translation>每次以 %1 个窗口通过各块，因为 GPU 显存容不下 %2 个（%3）</translation>
    </message>
    <message>
        <source>Give it more memory, or choose shorter windows</source>
        <translation>请分配更多显存，或选择更短的窗口</translation>
    </message>
    <message>
        <source>is moved to %1 block by block, as its memory does not hold all of it (%2): tokens/s tell of the way there</source>
        <translation>逐块移到 %1，因为其显存容不下整个模型（%2）：词元/秒反映的是传输过程</translation>
    </message>
    <message>
        <source>is computed on the processor, as the memory of %1 does not suffice (%2)</source>
        <translation>在处理器上计算，因为 %1 的显存不足（%2）</translation>
    </message>
    <message>
        <source>%1, but this part of the program computes on the processor only</source>
        <translation>%1，但程序的这一部分只在处理器上计算</translation>
    </message>
    <message>
        <source>auto, cpu, cuda or cuda:1</source>
        <translation>auto、cpu、cuda 或 cuda:1</translation>
    </message>
    <message>
        <source>Compute on the processor: --device cpu</source>
        <translation>在处理器上计算：--device cpu</translation>
    </message>
    <message>
        <source>room for %1 bytes more in its memory</source>
        <translation>其显存中还有 %1 字节的空间</translation>
    </message>
    <message>
        <source>%1 of %2 bytes in use</source>
        <translation>已用 %1 字节，共 %2 字节</translation>
    </message>
    <message>
        <source>a file of this folder</source>
        <translation>此文件夹中的文件</translation>
    </message>
    <message>
        <source>a link to %1</source>
        <translation>指向 %1 的链接</translation>
    </message>
    <message>
        <source>Remove the link, or put the file itself in its place</source>
        <translation>请删除该链接，或用文件本身替换它</translation>
    </message>
    <message>
        <source>a record of version %1 at most</source>
        <translation>版本不高于 %1 的记录</translation>
    </message>
    <message>
        <source>Update the program</source>
        <translation>请更新程序</translation>
    </message>
    <message>
        <source>keeps the %1 bytes of its hidden states on the processor between blocks, as the memory of the GPU does not hold them: they travel to every block and back</source>
        <translation>在各块之间把 %1 字节的隐藏状态留在内存中，因为显存容纳不下：它们要往返于每个块</translation>
    </message>
    <message>
        <source>Give it more memory, or choose fewer or shorter samples</source>
        <translation>给它更多显存，或选择更少、更短的样本</translation>
    </message>
    <message>
        <source>passes the blocks with %1 tokens at a time, as the memory of the GPU does not hold %2 (%3)</source>
        <translation>每次以 %1 个词元通过各块，因为显存容纳不下 %2 个（%3）</translation>
    </message>
    <message>
        <source>a size such as 12GB for %1</source>
        <translation>%1 的大小，例如 12GB</translation>
    </message>
    <message>
        <source>failed (%1); the job goes on on the processor</source>
        <translation>失败（%1）；作业在处理器上继续</translation>
    </message>
    <message>
        <source>Look at the card and its driver; what was computed before is kept</source>
        <translation>检查显卡及其驱动；之前的计算结果已保留</translation>
    </message>
    <message>
        <source>has too little memory for a part of the job, which is computed on the processor (%1)</source>
        <translation>显存不足以完成作业的一部分，该部分在处理器上计算（%1）</translation>
    </message>
    <message>
        <source>4 bits for servers</source>
        <translation>服务器用的 4 位</translation>
    </message>
    <message>
        <source>GPTQ in groups of 128: a quarter of the size, minutes to make, loaded by most servers</source>
        <translation>GPTQ，每组 128：大小为四分之一，几分钟完成，多数服务程序可加载</translation>
    </message>
    <message>
        <source>Best 4 bits</source>
        <translation>最佳 4 位</translation>
    </message>
    <message>
        <source>AWQ in groups of 64 with the best effort: loses least at 4 bits, takes longest</source>
        <translation>AWQ，每组 64，尽最大努力：4 位中损失最小，耗时最长</translation>
    </message>
    <message>
        <source>As small as useful</source>
        <translation>可用的最小尺寸</translation>
    </message>
    <message>
        <source>GPTQ with 3 bits in groups of 64 and the best effort: for memory that does not hold 4</source>
        <translation>GPTQ，3 位，每组 64，尽最大努力：适合放不下 4 位的内存</translation>
    </message>
    <message>
        <source>Quick look</source>
        <translation>快速试用</translation>
    </message>
    <message>
        <source>Rounding to nearest with 4 bits in groups of 64: no text, seconds to make</source>
        <translation>就近舍入，4 位，每组 64：无需文本，几秒完成</translation>
    </message>
    <message>
        <source>Close to the original</source>
        <translation>接近原模型</translation>
    </message>
    <message>
        <source>Rounding to nearest with 8 bits: half the size, hardly a loss</source>
        <translation>就近舍入，8 位：大小减半，几乎无损</translation>
    </message>
    <message>
        <source>8 bits for throughput</source>
        <translation>高吞吐的 8 位</translation>
    </message>
    <message>
        <source>SmoothQuant: weights and activations in 8 bits, for servers with many requests</source>
        <translation>SmoothQuant：权重和激活均为 8 位，适合请求量大的服务器</translation>
    </message>
    <message>
        <source>Fine-tuning on one card</source>
        <translation>单卡微调</translation>
    </message>
    <message>
        <source>NF4 with double quantization, as QLoRA takes it</source>
        <translation>NF4 双重量化，QLoRA 所用的形式</translation>
    </message>
</context>
</TS>
