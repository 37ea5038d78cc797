"""All words of the page, in one table: a key, and for each language its text.

``Words`` gives the texts of one language, English where it lacks one. The page's scripts get their words from here too,
so that nothing a person reads stands in a handler or a script.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LANGUAGES = ("en", "zh")
LOCALES = {"en": "en", "zh": "zh-CN"}
"""The languages as browsers name them."""

TABLE: Mapping[str, Mapping[str, str]] = {
    # The page
    "title": {"en": "HappyHorse Studio", "zh": "HappyHorse Studio"},
    "tagline": {"en": "Videos with Alibaba's HappyHorse models", "zh": "用阿里巴巴 HappyHorse 模型创作视频"},
    "account.sandbox": {"en": "Sandbox", "zh": "沙箱"},
    "account.sandbox.note": {"en": "Free. Nothing leaves this machine.", "zh": "免费，数据不会离开本机。"},
    "account.live.note": {
        "en": "Live. Each video is billed to this account.",
        "zh": "正式环境，每段视频都计入此账号的账单。",
    },
    "accounts": {"en": "Accounts", "zh": "账号"},
    "key.check": {"en": "Check my key", "zh": "检查 API Key"},
    "key.checking": {"en": "Asking, at no cost …", "zh": "正在查询，不产生费用……"},
    "key.good": {"en": "{name} accepts the key.", "zh": "{name} 接受此 API Key。"},
    "key.good.workspace": {
        "en": "{name} accepts the key with the workspace {workspace}.",
        "zh": "{name} 接受此 API Key 和业务空间 {workspace}。",
    },
    "key.credits": {"en": "{credits} are left.", "zh": "剩余 {credits}。"},
    "key.region": {
        "en": "{what} A key works only in the region where it was made, and {region} is in use here: if it was made "
        "elsewhere, set DASHSCOPE_REGION to that region ({others}); else copy the key again. Then restart the studio.",
        "zh": "{what}API Key 只在创建它的地域有效，当前使用的地域是 {region}。如果它是在其他地域创建的，"
        "请把 DASHSCOPE_REGION 设为该地域（{others}）；否则请重新复制一次。然后重启 Studio。",
    },
    "theme.toggle": {"en": "Switch between light and dark", "zh": "切换浅色与深色"},
    "language.other": {"en": "中文", "zh": "EN"},
    "language.other.code": {"en": "zh", "zh": "en"},
    "language.switch": {"en": "切换到中文", "zh": "Switch to English"},
    "tab.text-to-video": {"en": "Text", "zh": "文生视频"},
    "tab.image-to-video": {"en": "Image", "zh": "图生视频"},
    "tab.reference-to-video": {"en": "Reference", "zh": "参考生视频"},
    "tab.video-edit": {"en": "Edit", "zh": "视频编辑"},
    # The form
    "prompt": {"en": "Prompt", "zh": "提示词"},
    "prompt.placeholder.text-to-video": {
        "en": "Describe the scene, the subject, the movement, the camera and the light.",
        "zh": "描述场景、主体、动作、镜头和光线。",
    },
    "prompt.placeholder.image-to-video": {
        "en": "Describe what happens from this frame on.",
        "zh": "描述首帧之后发生的事。",
    },
    "prompt.placeholder.image-to-video.optional": {
        "en": "Describe what happens from this frame on. You may leave it empty.",
        "zh": "描述首帧之后发生的事，可留空。",
    },
    "prompt.placeholder.reference-to-video": {
        "en": "Describe the scene and name the images: [Image 1] walks towards [Image 2] …",
        "zh": "描述场景，并用编号指代参考图：[Image 1] 走向 [Image 2]……",
    },
    "prompt.placeholder.video-edit": {
        "en": "Say what is to change and what must stay as it is.",
        "zh": "说明要改什么，哪些保持不变。",
    },
    "provider": {"en": "Provider", "zh": "服务商"},
    "model": {"en": "Model version", "zh": "模型版本"},
    "resolution": {"en": "Resolution", "zh": "分辨率"},
    "ratio": {"en": "Aspect ratio", "zh": "宽高比"},
    "duration": {"en": "Duration", "zh": "时长"},
    "audio_setting": {"en": "Sound", "zh": "声音"},
    "option.audio_setting.auto": {"en": "Automatic", "zh": "自动"},
    "option.audio_setting.origin": {"en": "Original", "zh": "保留原声"},
    "seed": {"en": "Seed", "zh": "随机种子"},
    "variants": {"en": "Videos (a line of --- begins another prompt)", "zh": "视频数量（提示词之间用一行 --- 分隔）"},
    "seed.placeholder": {"en": "Random", "zh": "随机"},
    "watermark": {"en": "Watermark “Happy Horse” in the corner", "zh": "右下角添加“Happy Horse”水印"},
    "generate": {"en": "Generate", "zh": "生成"},
    "generate.price": {"en": "Generate · {price}", "zh": "生成 · {price}"},
    "generate.sandbox": {"en": "Generate · free here", "zh": "生成 · 此处免费"},
    "price.live": {"en": "{seconds} s × {rate} a second", "zh": "{seconds} 秒 × 每秒 {rate}"},
    "price.sandbox": {
        "en": "The cloud would charge {price}: {seconds} s × {rate} a second",
        "zh": "云端价格 {price}：{seconds} 秒 × 每秒 {rate}",
    },
    "price.count": {"en": "{count} videos at {price} each", "zh": "{count} 段视频，每段 {price}"},
    "price.unknown": {"en": "No price is known for these settings", "zh": "这组设置的价格未知"},
    "meter": {"en": "{used} / {most}", "zh": "{used} / {most}"},
    "meter.near": {"en": "Close to the limit: {left} left", "zh": "接近上限，还剩 {left}"},
    "meter.over": {
        "en": "Too long by {over}. {provider} would cut the prompt after “…{tail}”",
        "zh": "超出 {over}，{provider} 会在“…{tail}”之后截断提示词",
    },
    "meter.refused": {
        "en": "Too long by {over}: {provider} takes no more than up to “…{tail}”",
        "zh": "超出 {over}，{provider} 只接受到“…{tail}”为止",
    },
    "missing.prompt": {"en": "Write a prompt first", "zh": "请先填写提示词"},
    "missing.first_frame": {"en": "Add a first frame", "zh": "请添加首帧图片"},
    "missing.references": {"en": "Add at least one reference image", "zh": "请至少添加一张参考图"},
    "missing.video": {"en": "Add the video to edit", "zh": "请添加待编辑视频"},
    "missing.fix": {"en": "{name} cannot be sent as it is: fix or replace it", "zh": "{name} 不符合要求，请修复或更换"},
    "missing.way": {
        "en": "{provider} fetches files from public addresses only: set STUDIO_PUBLIC_URL or a bucket, "
        "or add the file by its own https:// address",
        "zh": "{provider} 只从公网地址获取文件：请设置 STUDIO_PUBLIC_URL 或存储桶，或直接填写文件的 https:// 地址",
    },
    "changed": {
        "en": "{name} changed from {before} to {after}: {model} has no {before}",
        "zh": "{name}已从 {before} 改为 {after}：{model} 不支持 {before}",
    },
    "changed.without": {"en": "{provider} has no such setting: {name}", "zh": "{provider} 没有此设置：{name}"},
    "changed.tokens": {
        "en": "The prompt now names its images as {provider} reads it: [Image 1]",
        "zh": "提示词中的参考图已改用 {provider} 的写法：[Image 1]",
    },
    "credits.short": {
        "en": "This costs {price}, and the account has {left}: it would be refused",
        "zh": "需要 {price}，账号仅剩 {left}，提交会被拒绝",
    },
    "size.follows": {
        "en": "The video takes the input's aspect ratio: about {width} × {height}",
        "zh": "视频沿用素材的宽高比：约 {width} × {height}",
    },
    "edit.billed": {
        "en": "Input {input} s → output {output} s, billed {billed} s",
        "zh": "输入 {input} 秒 → 输出 {output} 秒，按 {billed} 秒计费",
    },
    "tokens.none_used": {
        "en": "The prompt names none of the images: click a number to name one",
        "zh": "提示词没有指代任何参考图，点按编号即可插入",
    },
    "tokens.unused": {"en": "Not named in the prompt: image {numbers}", "zh": "提示词未指代的参考图：{numbers}"},
    "tokens.out_of_range": {
        "en": "The prompt names image {numbers}, which is not there",
        "zh": "提示词指代了不存在的参考图：{numbers}",
    },
    "tokens.mixed": {
        "en": "The prompt writes images in two ways; [Image 1] is the newer one",
        "zh": "提示词混用了两种参考图写法，[Image 1] 是较新的写法",
    },
    # Files
    "first_frame": {"en": "First frame", "zh": "首帧"},
    "references": {"en": "Reference images", "zh": "参考图"},
    "video": {"en": "Video", "zh": "视频"},
    "files.first_frame": {"en": "First frame", "zh": "首帧"},
    "files.references": {"en": "Reference images", "zh": "参考图"},
    "files.video": {"en": "Video", "zh": "待编辑视频"},
    "files.add.image": {"en": "Add an image", "zh": "添加图片"},
    "files.add.video": {"en": "Add a video", "zh": "添加视频"},
    "files.add.more": {"en": "Add", "zh": "添加"},
    "files.drop": {"en": "or drop or paste it here", "zh": "或拖放、粘贴到这里"},
    "files.url": {"en": "https:// address of a file", "zh": "文件的 https:// 地址"},
    "files.url.add": {"en": "Add", "zh": "添加"},
    "files.most": {"en": "No more than {most}; the rest was left out", "zh": "最多 {most} 个，其余未添加"},
    "files.added": {"en": "{name} was added", "zh": "已添加 {name}"},
    "files.removed": {"en": "Removed", "zh": "已移除"},
    "files.remove": {"en": "Remove {name}", "zh": "移除 {name}"},
    "files.left": {"en": "Move forward", "zh": "前移"},
    "files.right": {"en": "Move back", "zh": "后移"},
    "files.moved": {"en": "Moved to place {place}", "zh": "已移到第 {place} 位"},
    "files.token": {"en": "Name image {number} in the prompt", "zh": "在提示词中指代图 {number}"},
    "files.keys": {"en": "Shift and arrow keys move it, Delete removes it", "zh": "Shift + 方向键移动，Delete 移除"},
    "files.sending": {"en": "Sending {name}", "zh": "正在上传 {name}"},
    "files.checking": {"en": "Checking {name}", "zh": "正在检查 {name}"},
    "files.lost": {"en": "the connection broke. Add it again.", "zh": "连接中断，请重新添加。"},
    "files.mending": {"en": "Fixing {name}", "zh": "正在修复 {name}"},
    "files.mended": {"en": "{name} was fixed", "zh": "已修复 {name}"},
    "files.before": {"en": "Before · {facts}", "zh": "修复前 · {facts}"},
    "files.after": {"en": "After · {facts}", "zh": "修复后 · {facts}"},
    "files.undo": {"en": "Back to the original", "zh": "恢复原文件"},
    "preflight.pass": {"en": "All checks passed", "zh": "检查全部通过"},
    "preflight.warning": {"en": "Can be sent; notes: {count}", "zh": "可以提交，提示 {count} 条"},
    "preflight.refused": {"en": "Cannot be sent as it is", "zh": "不符合要求，无法提交"},
    "fix": {"en": "Fix", "zh": "修复"},
    "fix.all": {"en": "Fix all", "zh": "全部修复"},
    "framing": {"en": "How it gets its aspect ratio", "zh": "调整宽高比的方式"},
    "framing.middle": {"en": "Crop, keep the middle", "zh": "裁剪，保留中间"},
    "framing.left": {"en": "Crop, keep the left", "zh": "裁剪，保留左侧"},
    "framing.right": {"en": "Crop, keep the right", "zh": "裁剪，保留右侧"},
    "framing.top": {"en": "Crop, keep the top", "zh": "裁剪，保留上方"},
    "framing.bottom": {"en": "Crop, keep the bottom", "zh": "裁剪，保留下方"},
    "framing.blur": {"en": "Extend, blurred", "zh": "扩展，模糊填充"},
    "framing.black": {"en": "Extend, black", "zh": "扩展，黑边填充"},
    "trim": {"en": "Trim", "zh": "截取"},
    "trim.title": {"en": "Only the beginning comes out, but all of it is billed", "zh": "只输出开头一段，但整段都计费"},
    "trim.from": {"en": "From second", "zh": "起始秒"},
    "trim.length": {"en": "Seconds to keep", "zh": "保留秒数"},
    "trim.note": {
        "en": "Billed {before} s as it is, {after} s when trimmed.",
        "zh": "不截取按 {before} 秒计费，截取后按 {after} 秒计费。",
    },
    "check.format": {"en": "Format {measured}, allowed {limit}", "zh": "格式 {measured}，允许 {limit}"},
    "check.bytes": {"en": "Size {measured}, limit {limit}", "zh": "大小 {measured}，限制 {limit}"},
    "check.side": {"en": "Width and height {measured}, each {limit}", "zh": "宽高 {measured}，每边限制 {limit}"},
    "check.max_side": {"en": "Longest side of {measured}, limit {limit}", "zh": "长边 {measured}，限制 {limit}"},
    "check.advised_side": {"en": "{measured} is small; {limit} is recommended", "zh": "{measured} 偏小，建议 {limit}"},
    "check.ratio": {"en": "Aspect ratio {measured}, limit {limit}", "zh": "宽高比 {measured}，限制 {limit}"},
    "check.seconds": {"en": "Duration {measured}, limit {limit}", "zh": "时长 {measured}，限制 {limit}"},
    "check.fps": {"en": "Frame rate {measured}, must be {limit}", "zh": "帧率 {measured}，要求 {limit}"},
    "check.variable_fps": {"en": "The frame rate varies", "zh": "帧率不固定"},
    "check.streams": {
        "en": "{measured} video streams; the first one is used",
        "zh": "含 {measured} 路视频流，只使用第一路",
    },
    "check.codec": {"en": "Codec {measured}; {limit} is recommended", "zh": "编码 {measured}，建议 {limit}"},
    "check.rotation": {
        "en": "Stored turned or stretched; judged as displayed",
        "zh": "带有旋转或拉伸标记，按显示效果检查",
    },
    "check.complete": {"en": "The file is not whole: it ends early", "zh": "文件不完整，提前结束"},
    "check.animated": {"en": "Animated: only the first frame counts", "zh": "动图，仅第一帧有效"},
    "check.orientation": {"en": "Stored turned; judged as displayed", "zh": "带有旋转标记，按显示效果检查"},
    "check.alpha": {"en": "Has transparent parts", "zh": "含透明区域"},
    "check.color": {"en": "{measured} colours; RGB is safer", "zh": "色彩模式为 {measured}，建议改用 RGB"},
    "check.depth": {"en": "More than 8 bits a channel", "zh": "每通道超过 8 位"},
    "check.disputed": {"en": "{text}. Allowed only by: {source}", "zh": "{text}。仅 {source} 允许"},
    "disputed": {
        "en": "{name} {value} is listed by one source only ({source}); the provider may refuse it",
        "zh": "只有一份资料（{source}）列出了{name} {value}，服务商可能拒绝",
    },
    "submitted": {"en": "Sent to your videos", "zh": "已提交，见“我的视频”"},
    # Presets and starting points
    "presets": {"en": "Presets", "zh": "预设"},
    "presets.save": {"en": "Save these settings", "zh": "保存当前设置"},
    "presets.with_prompt": {"en": "with the prompt", "zh": "包含提示词"},
    "presets.own": {"en": "Your presets", "zh": "我的预设"},
    "presets.starters": {"en": "Starting points", "zh": "创作灵感"},
    "presets.saved": {"en": "“{name}” is saved", "zh": "已保存“{name}”"},
    "presets.replace": {"en": "Replace it", "zh": "覆盖"},
    "presets.used": {"en": "Filled in from “{name}”", "zh": "已套用“{name}”"},
    "presets.rename": {"en": "Rename {name}", "zh": "重命名 {name}"},
    "presets.delete": {"en": "Delete {name}", "zh": "删除 {name}"},
    "presets.deleted": {"en": "“{name}” is deleted", "zh": "已删除“{name}”"},
    "name": {"en": "Name", "zh": "名称"},
    "save": {"en": "Save", "zh": "保存"},
    "starter.dew": {"en": "Drop of dew", "zh": "一滴晨露"},
    "starter.tram": {"en": "Tram in the rain", "zh": "雨中电车"},
    "starter.noodles": {"en": "Hand-pulled noodles", "zh": "手工拉面"},
    "starter.astronaut": {"en": "Lemons on Mars", "zh": "火星上的柠檬"},
    "starter.ink": {"en": "Ink in water", "zh": "水中墨"},
    "starter.harbour": {"en": "Sailing into the sunset", "zh": "驶向落日"},
    "starter.valley": {"en": "Balloon at dawn", "zh": "清晨的热气球"},
    "starter.alley": {"en": "Lanterns in the wind", "zh": "风中灯笼"},
    "starter.lighthouse": {"en": "Lighthouse", "zh": "灯塔"},
    "starter.walk": {"en": "A walk of two", "zh": "结伴同行"},
    "starter.voyage": {"en": "Robot at sea", "zh": "机器人出海"},
    "starter.flight": {"en": "Fox in a balloon", "zh": "狐狸乘热气球"},
    "starter.friends": {"en": "Toy shop at night", "zh": "夜晚的玩具店"},
    "starter.night": {"en": "Day to night", "zh": "白天变黑夜"},
    "starter.painting": {"en": "Ink painting", "zh": "水墨画"},
    "starter.swap": {"en": "Swap the boat", "zh": "换一条船"},
    "starter.storm": {"en": "A storm comes up", "zh": "风暴将至"},
    # The board
    "board": {"en": "Your videos", "zh": "我的视频"},
    "board.live": {"en": "Live", "zh": "实时"},
    "board.away": {"en": "Reconnecting …", "zh": "正在重新连接……"},
    "board.older": {"en": "Show older", "zh": "显示更早的"},
    "board.empty": {"en": "Nothing here yet", "zh": "这里还没有视频"},
    "board.empty.note": {
        "en": "Start from one of these, or write your own.",
        "zh": "从下面任选一个开始，或自己写提示词。",
    },
    "copied": {"en": "Copied", "zh": "已复制"},
    "copy.task": {"en": "Copy task id", "zh": "复制任务 ID"},
    "copy.prompt": {"en": "Copy prompt", "zh": "复制提示词"},
    "again": {"en": "Use these settings", "zh": "套用这些设置"},
    "job.family": {"en": "Lineage", "zh": "创作脉络"},
    "job.before": {"en": "Made from this", "zh": "来源"},
    "job.after": {"en": "Became this", "zh": "衍生"},
    "job.family.zip": {"en": "Download all with a manifest", "zh": "全部下载（附清单）"},
    "onward": {"en": "Go on from here", "zh": "继续创作"},
    "onward.first-frame": {"en": "Frame → Image", "zh": "当前帧 → 图生视频"},
    "onward.reference": {"en": "Frame → Reference", "zh": "当前帧 → 参考图"},
    "onward.edit": {"en": "Video → Edit", "zh": "视频 → 视频编辑"},
    "onward.again": {"en": "Run again · {price}", "zh": "再次生成 · {price}"},
    "onward.new-seed": {"en": "New seed · {price}", "zh": "换随机种子 · {price}"},
    "free": {"en": "free", "zh": "免费"},
    "play": {"en": "Play", "zh": "播放"},
    "download": {"en": "Download", "zh": "下载"},
    "evidence": {"en": "Record (JSON)", "zh": "记录（JSON）"},
    "more.prompt": {"en": "Show all", "zh": "展开"},
    "less.prompt": {"en": "Show less", "zh": "收起"},
    "details": {"en": "What the provider said", "zh": "服务商的原话"},
    "task": {"en": "Task", "zh": "任务"},
    "code": {"en": "Code", "zh": "错误码"},
    "request": {"en": "Request", "zh": "请求"},
    "http": {"en": "HTTP", "zh": "HTTP"},
    "action.cancel": {"en": "Cancel", "zh": "取消"},
    "action.send-again": {"en": "Send again", "zh": "重新提交"},
    "action.save-again": {"en": "Save again", "zh": "重新保存"},
    "action.send-anyway": {"en": "Send again anyway", "zh": "仍要重新提交"},
    "action.stop": {"en": "Stop watching", "zh": "停止跟踪"},
    "action.watch": {"en": "Watch again", "zh": "继续跟踪"},
    "risk.send-anyway": {
        "en": "A task may already exist and be charged. A second one is charged as well.",
        "zh": "可能已经有一个任务，并且已计费；再提交一次会另外计费。",
    },
    "risk.stop": {
        "en": "Only the watching stops here: the provider may still finish the video and charge it. "
        "You can watch it again for 24 hours.",
        "zh": "停止的只是本页的跟踪：服务商仍可能完成视频并计费。24 小时内可以继续跟踪。",
    },
    "risk.leave": {"en": "Leave it as it is", "zh": "保持不变"},
    "adopt": {"en": "Id of its task", "zh": "对应的任务 ID"},
    "adopt.choose": {"en": "Which of these tasks is it?", "zh": "哪一个是这段视频的任务？"},
    "adopt.use": {"en": "Use this task", "zh": "使用此任务"},
    "action.failed": {"en": "That did not work: {reason}", "zh": "操作未成功：{reason}"},
    "saved": {"en": "Saved as {path}", "zh": "已保存为 {path}"},
    "seed.chip": {"en": "seed {seed}", "zh": "种子 {seed}"},
    "seed.random": {"en": "seed left to the provider", "zh": "种子由服务商决定"},
    "cost.estimate": {"en": "{price} estimated", "zh": "预估 {price}"},
    "cost.billed": {"en": "{price} billed", "zh": "已计费 {price}"},
    "cost.sandbox": {"en": "free ({price} in the cloud)", "zh": "免费（云端价格 {price}）"},
    "usual": {"en": "usually {time}", "zh": "通常 {time}"},
    # Money
    "money": {"en": "What it cost", "zh": "费用"},
    "money.open": {"en": "What it cost, day by day", "zh": "查看每日费用"},
    "money.period": {
        "en": "Your videos of the last {days} days, by the day they were sent (UTC)",
        "zh": "最近 {days} 天您的视频，按提交日期（UTC）统计",
    },
    "money.day": {"en": "Day", "zh": "日期"},
    "money.where": {"en": "Account", "zh": "账号"},
    "money.model": {"en": "Model", "zh": "模型"},
    "money.jobs": {"en": "Videos", "zh": "视频数"},
    "money.estimate": {"en": "Estimated", "zh": "预估"},
    "money.billed": {"en": "Billed", "zh": "已计费"},
    "money.unknown": {"en": "Not known yet", "zh": "尚不确定"},
    "money.sum": {"en": "{billed} billed, {open} not known yet", "zh": "已计费 {billed}，尚不确定 {open}"},
    "money.none": {"en": "Nothing was sent in this time.", "zh": "这段时间没有提交过视频。"},
    "money.csv": {"en": "Download all as CSV", "zh": "下载全部（CSV）"},
    "close": {"en": "Close", "zh": "关闭"},
    "limit.state": {
        "en": "Daily limit of this studio: {spent} of {limit} spent or promised today",
        "zh": "Studio 每日限额：今日已用或已预留 {spent}，共 {limit}",
    },
    "limit.refused": {
        "en": "This would cost {price}, which is more than is left today: {spent} of the studio's daily limit of "
        "{limit} are spent or promised. Nothing was sent. There is room again from 00:00 UTC.",
        "zh": "本次需 {price}，超出今日余额：Studio 每日限额 {limit}，已用或已预留 {spent}。未提交任何内容。"
        "UTC 00:00 起恢复额度。",
    },
    "limit.unknown": {
        "en": "No price is known for these settings, so the studio's daily limit could not be kept. Nothing was sent.",
        "zh": "这组设置的价格未知，无法保证不超出 Studio 的每日限额。未提交任何内容。",
    },
    # What is kept
    "keep.days": {
        "en": "Videos and their settings are deleted {days} days after they were made; favourites are kept. "
        "Files that you add and do not use are deleted after {hours} hours.",
        "zh": "视频及其设置在生成 {days} 天后删除，收藏的除外。添加后未使用的文件在 {hours} 小时后删除。",
    },
    "keep.all": {
        "en": "Videos stay until you delete them. Files that you add and do not use are deleted after {hours} hours.",
        "zh": "视频一直保留，直到您删除。添加后未使用的文件在 {hours} 小时后删除。",
    },
    # Settings from a file
    "restore.drop": {
        "en": "Drop a video made here, or its record, to use its settings again",
        "zh": "拖入在此生成的视频或它的记录，即可再次使用其设置",
    },
    "restore.none": {
        "en": "There are no settings of this studio in that file.",
        "zh": "这个文件中没有 Studio 的设置。",
    },
    "restore.done": {"en": "The settings of {name} are in the form.", "zh": "已将 {name} 的设置填入表单。"},
    "restore.missing": {
        "en": "Files to add again, as they are not here: {count}.",
        "zh": "有 {count} 个文件不在这里，需要重新添加。",
    },
    # When a video is done
    "notify.ask": {"en": "Shall the browser tell you when a video is done?", "zh": "视频完成时，要让浏览器通知您吗？"},
    "notify.yes": {"en": "Yes, tell me", "zh": "好，通知我"},
    "notify.no": {"en": "No", "zh": "不用"},
    "notify.on": {"en": "Notifications are on; click to switch them off", "zh": "通知已开启，点按关闭"},
    "notify.off": {"en": "Notifications are off; click to switch them on", "zh": "通知已关闭，点按开启"},
    "notify.blocked": {
        "en": "The browser blocks notifications of this page: allow them in its settings",
        "zh": "浏览器阻止了本页的通知，请在浏览器设置中允许",
    },
    # The library
    "places": {"en": "Parts of the studio", "zh": "Studio 的各部分"},
    "place.create": {"en": "Create", "zh": "创作"},
    "place.history": {"en": "History", "zh": "历史"},
    "history": {"en": "History", "zh": "历史"},
    "history.empty": {
        "en": "Nothing here yet: every video you make is kept here.",
        "zh": "这里还没有视频，生成的每段视频都会保存在这里。",
    },
    "history.none": {"en": "Nothing fits these filters.", "zh": "没有符合筛选条件的视频。"},
    "history.more": {"en": "Show more", "zh": "显示更多"},
    "history.keys": {
        "en": "Arrow keys move, Space selects, Enter opens, F marks a favourite, Delete deletes.",
        "zh": "方向键移动，空格选择，Enter 打开，F 收藏，Delete 删除。",
    },
    "history.marked": {"en": "{count} selected", "zh": "已选 {count} 个"},
    "history.zip": {"en": "Download ZIP", "zh": "下载 ZIP"},
    "history.compare": {"en": "Compare", "zh": "对比"},
    "history.favourite": {"en": "Favourite", "zh": "收藏"},
    "history.tag": {"en": "Tag", "zh": "标签"},
    "history.tag.name": {"en": "Add a tag", "zh": "添加标签"},
    "history.tag.add": {"en": "Add", "zh": "添加"},
    "history.tag.remove": {"en": "Remove the tag {tag}", "zh": "移除标签 {tag}"},
    "history.delete": {"en": "Delete", "zh": "删除"},
    "history.clear": {"en": "Clear", "zh": "取消选择"},
    "history.deleted": {
        "en": "Deleted: {count}. The files go in {minutes} minutes.",
        "zh": "已删除 {count} 个，文件将在 {minutes} 分钟后清除。",
    },
    "history.kept": {"en": "What is under way cannot be deleted.", "zh": "进行中的视频无法删除。"},
    "history.undo": {"en": "Undo", "zh": "撤销"},
    "history.restored": {"en": "It is back.", "zh": "已恢复。"},
    "history.close": {"en": "Close", "zh": "关闭"},
    "filter.words": {"en": "Search in prompts", "zh": "搜索提示词"},
    "filter.mode": {"en": "All kinds", "zh": "全部模式"},
    "filter.model": {"en": "All models", "zh": "全部模型"},
    "filter.provider": {"en": "All providers", "zh": "全部服务商"},
    "filter.state": {"en": "Any state", "zh": "全部状态"},
    "filter.active": {"en": "Under way", "zh": "进行中"},
    "filter.tag": {"en": "All tags", "zh": "全部标签"},
    "filter.from": {"en": "From", "zh": "从"},
    "filter.to": {"en": "To", "zh": "到"},
    "filter.favourite": {"en": "Favourites only", "zh": "仅看收藏"},
    "filter.list": {"en": "Show as a list", "zh": "列表视图"},
    "filter.sort": {"en": "Order", "zh": "排序"},
    "sort.newest": {"en": "Newest first", "zh": "最新优先"},
    "sort.oldest": {"en": "Oldest first", "zh": "最早优先"},
    "sort.longest": {"en": "Longest first", "zh": "最长优先"},
    "sort.dearest": {"en": "Dearest first", "zh": "最贵优先"},
    # The page of a job
    "job": {"en": "Details", "zh": "详情"},
    "job.summary": {"en": "Overview", "zh": "概览"},
    "job.created": {"en": "Made", "zh": "创建时间"},
    "job.account": {"en": "Account", "zh": "账号"},
    "job.estimate": {"en": "Estimate", "zh": "预估费用"},
    "job.billed": {"en": "Billed", "zh": "已计费"},
    "job.size": {"en": "Video", "zh": "视频"},
    "job.task": {"en": "Task", "zh": "任务 ID"},
    "job.request": {"en": "Request", "zh": "请求 ID"},
    "job.expires": {"en": "Not saved yet", "zh": "尚未保存"},
    "job.expires.in": {"en": "The provider keeps it for another {time}", "zh": "服务商还会保留 {time}"},
    "job.expires.over": {"en": "The provider may have thrown it away", "zh": "服务商可能已将它删除"},
    "job.settings": {"en": "Settings", "zh": "设置"},
    "job.inputs": {"en": "Made from", "zh": "素材"},
    "job.timeline": {"en": "What happened", "zh": "过程"},
    "job.files": {"en": "Files", "zh": "文件"},
    "copy": {"en": "Copy", "zh": "复制"},
    "yes": {"en": "Yes", "zh": "是"},
    "no": {"en": "No", "zh": "否"},
    "seconds": {"en": "{seconds} s", "zh": "{seconds} 秒"},
    "reference": {"en": "Image {number}", "zh": "参考图 {number}"},
    "setting.mode": {"en": "Kind", "zh": "模式"},
    "setting.watermark": {"en": "Watermark", "zh": "水印"},
    "timeline.imported": {"en": "Taken in from an exported history", "zh": "从导出的历史导入"},
    "timeline.task": {"en": "The provider says {status}", "zh": "服务商返回状态 {status}"},
    "timeline.not_saved": {"en": "Not saved, tried again", "zh": "保存未成功，已重试"},
    "timeline.started": {"en": "Begun, by the provider's clock", "zh": "开始生成（服务商时间）"},
    "timeline.finished": {"en": "Finished, by the provider's clock", "zh": "生成结束（服务商时间）"},
    # The comparison
    "compare": {"en": "Compare", "zh": "对比"},
    "compare.few": {"en": "Two videos at least are needed to compare.", "zh": "至少需要两段视频才能对比。"},
    "compare.seek": {"en": "Position in all videos", "zh": "所有视频的播放位置"},
    "compare.pause": {"en": "Pause", "zh": "暂停"},
    "compare.sound": {"en": "Sound", "zh": "声音"},
    "cost": {"en": "Cost", "zh": "费用"},
    "compare.differs": {"en": "differs", "zh": "不同"},
    # States, as a label and a line of detail
    "state.queued": {"en": "Queued", "zh": "待提交"},
    "state.queued.note": {"en": "On disk here; about to be sent.", "zh": "已保存在本机，即将提交。"},
    "state.queued.later": {"en": "On disk here; sent again soon.", "zh": "已保存在本机，稍后重新提交。"},
    "state.publishing": {"en": "Publishing files", "zh": "上传素材"},
    "state.publishing.note": {"en": "The provider is being given the files.", "zh": "正在把文件交给服务商。"},
    "state.submitting": {"en": "Sending", "zh": "提交中"},
    "state.submitting.note": {"en": "The request is on its way.", "zh": "请求正在发出。"},
    "state.waiting": {"en": "Submitted", "zh": "排队中"},
    "state.waiting.note": {"en": "Waiting for a place at the provider.", "zh": "已提交，正在服务商处排队。"},
    "state.waiting.unknown": {
        "en": "The provider does not know the task at present. It is asked again until 24 hours have passed.",
        "zh": "服务商目前查不到此任务。24 小时内会继续查询。",
    },
    "state.stopped": {"en": "Not watched", "zh": "已停止跟踪"},
    "state.stopped.note": {
        "en": "The provider may still finish this video and charge it.",
        "zh": "服务商仍可能完成此视频并计费。",
    },
    "state.running": {"en": "Running", "zh": "生成中"},
    "state.running.note": {"en": "The provider is making the video.", "zh": "服务商正在生成视频。"},
    "state.saving": {"en": "Saving", "zh": "保存中"},
    "state.saving.note": {"en": "The video is ready and being downloaded.", "zh": "视频已生成，正在下载。"},
    "state.saving.later": {
        "en": "The video is ready; saving it is tried again soon.",
        "zh": "视频已生成，稍后再次尝试保存。",
    },
    "state.succeeded": {"en": "Done", "zh": "已完成"},
    "state.failed": {"en": "Failed", "zh": "失败"},
    "state.canceled": {"en": "Canceled", "zh": "已取消"},
    "state.canceled.note": {
        "en": "Withdrawn before it started. Nothing was charged.",
        "zh": "在开始生成前撤回，未计费。",
    },
    "state.expired": {"en": "Expired", "zh": "已过期"},
    "state.interrupted": {"en": "Interrupted", "zh": "中断"},
    "trace.looking": {
        "en": "Its task is being looked for in the provider's list.",
        "zh": "正在服务商的任务列表中查找它的任务。",
    },
    "trace.found": {
        "en": "The answer to its request was lost; its task was found again.",
        "zh": "请求的响应丢失，但已重新找到它的任务。",
    },
    "trace.several": {
        "en": "Several tasks may be this one. Their prompts tell as soon as they finish; "
        "if you know which it is, choose it.",
        "zh": "可能有多个任务对应此视频。任务结束后，可凭提示词辨认；如果您知道是哪一个，请直接选择。",
    },
    "trace.none": {
        "en": "The provider's list had time to show its task and shows none, so most likely none was made. "
        "The provider's console tells for certain.",
        "zh": "等待了足够长的时间，服务商的列表中仍没有它的任务，很可能并未创建。请以服务商控制台为准。",
    },
    "trace.unlisted": {
        "en": "The provider cannot be asked for its tasks: look in its console whether there is one.",
        "zh": "该服务商不提供任务列表：请到其控制台查看是否有此任务。",
    },
    "trace.sent_again": {
        "en": "It was sent again as a new video. If its own task turns up, it comes here.",
        "zh": "已作为新视频重新提交。如果之后找到它自己的任务，也会归到这里。",
    },
    # What went wrong: what happened, and what to do
    "charged.no": {"en": "Nothing was charged.", "zh": "未计费。"},
    "charged.yes": {"en": "The provider charges for this video.", "zh": "服务商会对此视频计费。"},
    "charged.unknown": {"en": "It is not known whether this was charged.", "zh": "是否计费尚不确定。"},
    "charged.returned": {"en": "The credits were returned.", "zh": "积分已退还。"},
    "concerns.prompt": {"en": "It is about the prompt.", "zh": "问题在提示词。"},
    "concerns.media": {"en": "It is about the media.", "zh": "问题在素材。"},
    "concerns.input": {"en": "It is about the prompt or the media.", "zh": "问题在提示词或素材。"},
    "concerns.result": {"en": "It is about the video that was made.", "zh": "问题在生成的视频。"},
    "concerns.file": {"en": "It is about {name}.", "zh": "问题在 {name}。"},
    "sent_again": {"en": "It is sent again by itself.", "zh": "会自动重新提交。"},
    "fault.authentication_failed": {"en": "The provider does not accept the key.", "zh": "服务商不接受此 API Key。"},
    "fault.authentication_failed.do": {
        "en": "Check DASHSCOPE_API_KEY and that it belongs to the region in use, restart the studio, then send again.",
        "zh": "请检查 DASHSCOPE_API_KEY，并确认它属于当前地域，重启 Studio 后重新提交。",
    },
    "fault.plan_key": {
        "en": "This key belongs to a plan that has a host of its own.",
        "zh": "此 API Key 属于套餐，套餐使用专属域名。",
    },
    "fault.plan_key.do": {
        "en": "Set DASHSCOPE_BASE_URL to that host or use a pay-as-you-go key, restart the studio, then send again.",
        "zh": "请把 DASHSCOPE_BASE_URL 设为该域名，或改用按量付费的 API Key，重启 Studio 后重新提交。",
    },
    "fault.aivideoapi_key": {"en": "AIVideoAPI does not accept the key.", "zh": "AIVideoAPI 不接受此 API Key。"},
    "fault.aivideoapi_key.do": {
        "en": "Check AIVIDEOAPI_KEY: it begins with sk- and must not be disabled. Restart the studio, then send again.",
        "zh": "请检查 AIVIDEOAPI_KEY：它以 sk- 开头，且不能处于禁用状态。重启 Studio 后重新提交。",
    },
    "fault.ip_not_allowed": {
        "en": "The key may not be used from this machine's address.",
        "zh": "本机的 IP 不在此 API Key 的白名单中。",
    },
    "fault.ip_not_allowed.do": {
        "en": "Add the address to the key's allow-list in the dashboard, then send again.",
        "zh": "请在服务商后台把该 IP 加入 API Key 的白名单，然后重新提交。",
    },
    "fault.workspace_refused": {
        "en": "The key may not use this workspace, or there is none of that name.",
        "zh": "此 API Key 无权使用该业务空间，或业务空间不存在。",
    },
    "fault.workspace_refused.do": {
        "en": "Check DASHSCOPE_WORKSPACE and the region, restart the studio, then send again.",
        "zh": "请检查 DASHSCOPE_WORKSPACE 和地域，重启 Studio 后重新提交。",
    },
    "fault.async_header": {
        "en": "The request arrived without the header X-DashScope-Async.",
        "zh": "请求到达时缺少请求头 X-DashScope-Async。",
    },
    "fault.async_header.do": {
        "en": "A proxy in between drops it: let that header through, then send again.",
        "zh": "中间的代理去掉了它：请放行该请求头，然后重新提交。",
    },
    "fault.permission_denied": {
        "en": "This account may not use the model or the workspace.",
        "zh": "此账号无权使用该模型或业务空间。",
    },
    "fault.permission_denied.do": {
        "en": "Allow the model for the key's workspace in the provider's console, then send again.",
        "zh": "请在服务商控制台为 API Key 所属的业务空间授权该模型，然后重新提交。",
    },
    "fault.request_refused": {"en": "The provider refused the request.", "zh": "服务商拒绝了请求。"},
    "fault.request_refused.do": {
        "en": "Change what it names below and generate again.",
        "zh": "请按下方服务商的说明修改，然后重新生成。",
    },
    "fault.media_unfetched": {
        "en": "The provider could not fetch a file from its address.",
        "zh": "服务商无法从地址获取文件。",
    },
    "fault.media_unfetched.do": {
        "en": "See that the address opens anywhere without a login, or add the file itself, and generate again.",
        "zh": "请确认该地址无需登录即可在任何地方打开，或直接添加文件，然后重新生成。",
    },
    "fault.media_uninspected": {"en": "The provider could not read a file.", "zh": "服务商无法读取文件。"},
    "fault.media_uninspected.do": {
        "en": "Add it as JPEG or PNG, a video as MP4 (H.264). An address must open anywhere without a login.",
        "zh": "图片请用 JPEG 或 PNG，视频请用 MP4（H.264）。地址须无需登录即可在任何地方打开。",
    },
    "fault.media_format": {
        "en": "The provider does not accept the format of a file.",
        "zh": "服务商不接受文件的格式。",
    },
    "fault.media_size": {"en": "The provider does not accept the size of a file.", "zh": "服务商不接受文件的大小。"},
    "fault.media_duration": {
        "en": "The provider does not accept the length of a file.",
        "zh": "服务商不接受文件的时长。",
    },
    "fault.media_resolution": {
        "en": "The provider does not accept the width and height of a file.",
        "zh": "服务商不接受文件的宽高。",
    },
    "fault.media_fps": {
        "en": "The provider does not accept the frame rate of a file.",
        "zh": "服务商不接受文件的帧率。",
    },
    "fault.content_rule": {
        "en": "A content rule of the account itself refused this.",
        "zh": "账号自身设置的内容规则拒绝了此请求。",
    },
    "fault.content_rule.do": {
        "en": "Change the prompt or the media, or the rule in the provider's console.",
        "zh": "请修改提示词或素材，或在服务商控制台调整规则。",
    },
    "fault.content_rights": {
        "en": "The provider suspects that this touches the rights of others.",
        "zh": "服务商认为内容可能侵犯他人权利。",
    },
    "fault.content_rights.do": {
        "en": "Leave out brands, known characters and persons, and generate again.",
        "zh": "请去掉品牌、知名角色和人物，然后重新生成。",
    },
    "fault.content_refused": {"en": "The provider's content check refused this.", "zh": "未通过服务商的内容审核。"},
    "fault.content_refused.do": {
        "en": "Change the prompt or the media and generate again.",
        "zh": "请修改提示词或素材，然后重新生成。",
    },
    "fault.content_refused.prompt": {
        "en": "The provider's content check refused the prompt.",
        "zh": "提示词未通过服务商的内容审核。",
    },
    "fault.content_refused.prompt.do": {"en": "Change it and generate again.", "zh": "请修改提示词，然后重新生成。"},
    "fault.content_refused.media": {
        "en": "The provider's content check refused a file.",
        "zh": "有文件未通过服务商的内容审核。",
    },
    "fault.content_refused.media.do": {"en": "Replace it and generate again.", "zh": "请更换该文件，然后重新生成。"},
    "fault.content_refused.result": {
        "en": "The provider's content check refused the video that was made.",
        "zh": "生成的视频未通过服务商的内容审核。",
    },
    "fault.content_refused.result.do": {
        "en": "Change the prompt or the media and generate again.",
        "zh": "请修改提示词或素材，然后重新生成。",
    },
    "fault.not_found": {
        "en": "The provider does not know this model or workspace.",
        "zh": "服务商没有这个模型或业务空间。",
    },
    "fault.not_found.do": {
        "en": "Choose another model, or check the region and workspace in the settings.",
        "zh": "请换一个模型，或检查设置中的地域和业务空间。",
    },
    "fault.rate_limited": {"en": "The provider asks to slow down.", "zh": "请求过于频繁，服务商要求降低频率。"},
    "fault.rate_limited.do": {"en": "Try again in a minute.", "zh": "请一分钟后重试。"},
    "fault.quota_exhausted": {
        "en": "The account has no balance or quota left for this.",
        "zh": "账号的余额或额度不足。",
    },
    "fault.quota_exhausted.do": {
        "en": "Top up or raise the quota in the provider's console, then send again.",
        "zh": "请在服务商控制台充值或提升额度，然后重新提交。",
    },
    "fault.not_purchased": {"en": "The model is not activated for this account.", "zh": "此账号尚未开通该模型。"},
    "fault.not_purchased.do": {
        "en": "Activate it in the provider's console, then send again.",
        "zh": "请在服务商控制台开通，然后重新提交。",
    },
    "fault.free_quota": {
        "en": "The account's free quota for this model is used up.",
        "zh": "账号在该模型上的免费额度已用完。",
    },
    "fault.free_quota.do": {
        "en": "Allow paid use of the model in the provider's console, then send again.",
        "zh": "请在服务商控制台允许该模型付费使用，然后重新提交。",
    },
    "fault.arrears": {"en": "The account has an unpaid bill.", "zh": "账号已欠费。"},
    "fault.arrears.do": {
        "en": "Pay it in the provider's console, then send again.",
        "zh": "请在服务商控制台结清欠费，然后重新提交。",
    },
    "fault.credits": {"en": "The account has too few credits for this video.", "zh": "账号积分不足以生成此视频。"},
    "fault.credits.do": {
        "en": "Buy credits in the dashboard (Billing), then send again.",
        "zh": "请在服务商后台（Billing）充值积分，然后重新提交。",
    },
    "fault.spend_limit": {"en": "The key has reached its spending limit.", "zh": "API Key 已达到消费限额。"},
    "fault.spend_limit.do": {
        "en": "Raise the limit in the dashboard or wait until it starts anew, then send again.",
        "zh": "请在服务商后台提高限额，或等限额重置，然后重新提交。",
    },
    "fault.provider_timeout": {
        "en": "The provider gave this up after hours without a result.",
        "zh": "任务运行数小时仍无结果，服务商已放弃。",
    },
    "fault.provider_timeout.do": {"en": "Generate it again.", "zh": "请重新生成。"},
    "fault.provider_busy": {
        "en": "The provider has no room for this model at present.",
        "zh": "服务商目前没有该模型的空闲资源。",
    },
    "fault.upstream": {
        "en": "The service behind the provider answered with an error.",
        "zh": "服务商的上游服务返回错误。",
    },
    "fault.upstream.do": {
        "en": "Its words below may name what to change. If not, generate it again later.",
        "zh": "下方服务商的说明或许指出了要修改什么；如果没有，请稍后重新生成。",
    },
    "fault.provider_fault": {"en": "The provider had a fault of its own.", "zh": "服务商内部出错。"},
    "fault.provider_fault.do": {"en": "Try again in a few minutes.", "zh": "请几分钟后重试。"},
    "fault.provider_error": {"en": "The provider answered with an error.", "zh": "服务商返回错误。"},
    "fault.provider_error.do": {"en": "See its words below.", "zh": "请看下方服务商的说明。"},
    "fault.not_sent": {"en": "The provider cannot be reached.", "zh": "无法连接服务商。"},
    "fault.not_sent.do": {"en": "Check the network and try again.", "zh": "请检查网络后重试。"},
    "fault.reply_lost": {
        "en": "The request was sent, but the answer never arrived.",
        "zh": "请求已发出，但没有收到响应。",
    },
    "fault.reply_lost.do": {
        "en": "A task may exist and be charged, so it is not sent again by itself.",
        "zh": "可能已创建任务并计费，因此不会自动重新提交。",
    },
    "fault.unreadable": {"en": "The provider's answer could not be understood.", "zh": "无法理解服务商的响应。"},
    "fault.transport_error": {"en": "The connection to the provider broke.", "zh": "与服务商的连接中断。"},
    "fault.transport_error.do": {"en": "Check the network.", "zh": "请检查网络。"},
    "fault.storage_full": {"en": "The disk is full, so the video is not saved yet.", "zh": "磁盘已满，视频尚未保存。"},
    "fault.storage_full.do": {
        "en": "Make space: saving goes on by itself. The provider keeps the video for 24 hours.",
        "zh": "请腾出空间，之后会自动继续保存。服务商保留视频 24 小时。",
    },
    "fault.storage_unwritable": {
        "en": "The output folder cannot be written, so the video is not saved yet.",
        "zh": "输出文件夹无法写入，视频尚未保存。",
    },
    "fault.storage_unwritable.do": {
        "en": "Mend its permissions: saving goes on by itself.",
        "zh": "请修正其权限，之后会自动继续保存。",
    },
    "fault.result_unreachable": {"en": "The video could not be downloaded yet.", "zh": "视频暂时无法下载。"},
    "fault.result_unreachable.do": {
        "en": "It is tried again by itself while the provider keeps the video.",
        "zh": "在服务商保留视频期间会自动重试。",
    },
    "fault.result_expired": {"en": "The provider no longer has the video.", "zh": "服务商已不再保留此视频。"},
    "fault.result_expired.do": {
        "en": "Results are kept for 24 hours. Generate it again if you still want it.",
        "zh": "结果只保留 24 小时。如仍需要，请重新生成。",
    },
    "fault.result_corrupt": {"en": "What was downloaded is not a whole video.", "zh": "下载到的视频不完整。"},
    "fault.result_corrupt.do": {"en": "Save again, while the provider keeps it.", "zh": "请在服务商保留期间重新保存。"},
    "fault.save_error": {"en": "The video could not be saved.", "zh": "视频无法保存。"},
    "fault.save_error.do": {"en": "Save again.", "zh": "请重新保存。"},
    "fault.task_unknown": {"en": "The provider no longer knows this task.", "zh": "服务商已查不到此任务。"},
    "fault.task_unknown.do": {
        "en": "Tasks are kept for 24 hours. Generate it again if you still want it.",
        "zh": "任务只保留 24 小时。如仍需要，请重新生成。",
    },
    # What the form and the routes refuse
    "fault.invalid_request": {"en": "This cannot be sent as it is.", "zh": "不符合要求，无法提交。"},
    "fault.no_such_preset": {"en": "There is no such preset of yours.", "zh": "您没有这个预设。"},
    "fault.name_taken": {"en": "You have a preset of that name already.", "zh": "您已有同名的预设。"},
    "fault.not_allowed": {"en": "That is not possible any more.", "zh": "此操作现已无法进行。"},
    "fault.archive_unreadable": {"en": "The exported history cannot be read.", "zh": "无法读取导出的历史。"},
    "fault.spending_limit": {"en": "The studio's daily limit is reached.", "zh": "已达到 Studio 的每日限额。"},
    "fault.no_such_job": {"en": "There is no such video of yours.", "zh": "您没有这段视频。"},
    "fault.no_such_task": {"en": "The provider does not know this task.", "zh": "服务商没有这个任务。"},
    "fault.task_taken": {"en": "This task belongs to another video.", "zh": "此任务属于另一段视频。"},
    "fault.not_its_task": {
        "en": "This task was made from another prompt: it is not of this video.",
        "zh": "此任务的提示词不同，不属于这段视频。",
    },
    "fault.store_error": {
        "en": "The studio's database cannot be used, so nothing was sent.",
        "zh": "Studio 的数据库无法使用，未提交任何内容。",
    },
    "fault.database_busy": {
        "en": "The studio's database is held by another program, so nothing was sent.",
        "zh": "Studio 的数据库被其他程序占用，未提交任何内容。",
    },
    "fault.database_too_new": {
        "en": "The studio's database belongs to a later version.",
        "zh": "Studio 的数据库属于更新的版本。",
    },
    "fault.config_error": {"en": "A setting is wrong.", "zh": "有一项设置不正确。"},
    "fault.publish_failed": {
        "en": "The files cannot be brought to the provider, so nothing was sent.",
        "zh": "文件无法交给服务商，未提交任何内容。",
    },
    "fault.no_such_file": {"en": "A file is missing.", "zh": "缺少文件。"},
    "fault.fix_failed": {
        "en": "The mended copy could not be made; your file is untouched.",
        "zh": "无法生成修复后的副本，原文件未改动。",
    },
    "fault.media_unreadable": {"en": "This file cannot be used.", "zh": "此文件无法使用。"},
    "fault.studio_error": {"en": "Something went wrong.", "zh": "出错了。"},
    "rule.range": {"en": "a whole number from {min} to {max}", "zh": "{min} 到 {max} 的整数"},
    "rule.length": {
        "en": "at most {most:,} characters, a CJK character counting {units}: shorten it by {over:,}",
        "zh": "最多 {most:,} 个字符（每个汉字计 {units} 个），请删减 {over:,}",
    },
    "rule.prompt": {"en": "a description of the video", "zh": "对视频的描述"},
    "rule.one": {"en": "one file", "zh": "一个文件"},
    "rule.count": {"en": "{least} to {most} images", "zh": "{least} 到 {most} 张图片"},
    "rule.most": {"en": "at most {most} at once", "zh": "一次最多 {most} 段"},
    "credits": {"en": "credits", "zh": "积分"},
    "problem": {"en": "{field}: {value} is given; it must be {rule}.", "zh": "{field}须为：{rule}。当前为“{value}”。"},
    "foreign_origin": {
        "en": "This request came from another site and was refused.",
        "zh": "此请求来自其他网站，已拒绝。",
    },
    "bad_visitor": {
        "en": "X-Studio-Visitor is not a token of this studio.",
        "zh": "X-Studio-Visitor 不是本 Studio 的令牌。",
    },
    # First prompts to try
    "idea.1": {
        "en": "A chestnut horse gallops along a wet beach at sunrise, spray catching the light, "
        "slow motion, low tracking shot.",
        "zh": "日出时分，一匹栗色骏马在湿润的海滩上奔驰，水花迎着光飞溅，慢动作，低机位跟拍。",
    },
    "idea.2": {
        "en": "Macro shot of a tiny cardboard city at night, bottle caps as plazas, windows lighting up one by one, "
        "camera gliding through its streets.",
        "zh": "夜晚，微距镜头下的一座微型纸板城市，瓶盖是广场，窗户一盏一盏亮起，镜头在街道间滑行。",
    },
    "idea.3": {
        "en": "一位老木匠在清晨的工坊里刨木头，木屑在斜照的阳光中缓缓飘落，镜头从双手慢慢推近到他的脸，温暖的电影感。",
        "zh": "一位老木匠在清晨的工坊里刨木头，木屑在斜照的阳光中缓缓飘落，镜头从双手慢慢推近到他的脸，温暖的电影感。",
    },
}


@dataclass(frozen=True)
class Words:
    """The texts of one language."""

    language: str = "en"

    def __call__(self, key: str, /, **values: Any) -> str:
        """The text of ``key`` with ``values`` filled in; KeyError when there is no such key."""
        texts = TABLE[key]
        text = texts.get(self.language) or texts["en"]
        return text.format(**values) if values else text

    def join(self, *sentences: str) -> str:
        """Those that are not empty, one behind the other: Chinese leaves no space between them."""
        return ("" if self.language == "zh" else " ").join(filter(None, sentences))

    def has(self, key: str) -> bool:
        return key in TABLE


def for_scripts() -> dict[str, dict[str, str]]:
    """The table by language, as the page's scripts take it."""
    return {language: {key: Words(language)(key) for key in TABLE} for language in LANGUAGES}


def words_for(accept_language: str | None) -> Words:
    """The best language we have for an ``Accept-Language`` header."""
    wanted = [part.split(";")[0].strip().lower() for part in (accept_language or "").split(",")]
    for name in wanted:
        for language in LANGUAGES:
            if name == language or name.startswith(f"{language}-"):
                return Words(language)
    return Words()
