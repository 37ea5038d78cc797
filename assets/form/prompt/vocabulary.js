/**
 * The words by which the helper knows that a prompt speaks of something, in English and Chinese.
 *
 * English words are apart by spaces, those of more than one by an underscore; a star stands for any ending. In Chinese
 * a word counts wherever it stands.
 */

/** @typedef {{ en: string, zh: string }} Vocabulary */

/**
 * @typedef {"subject" | "scene" | "motion" | "camera" | "light" | "style" | "sound" | "change" | "keep" | "role" |
 *   "writing"} Subject
 */

/** @type {Readonly<Record<Subject, Vocabulary>>} */
export const VOCABULARY = {
  subject: {
    en: `i we he she they it man men woman women girl* boy* child* kid* baby babies people person crowd* figure*
      hero* astronaut* robot* dancer* chef* cook* soldier* knight* singer* driver* rider* fisher* monk* king* queen*
      character* horse* dog dogs puppy cat* kitten* bird* fish* whale* lion* tiger* bear* wolf wolves fox* dragon*
      butterfl* egret* car* train* tram* boat* ship* plane* rocket* balloon* lantern* tree* flower* drop* cup* bottle*
      product* hand* face* image* animal* creature* monster* machine* house* building* city tower* castle* mountain*
      wave* cloud* river*`,
    zh: `人 男 女 孩 他 她 它 我 们 者 师 兵 侠 马 狗 犬 猫 鸟 鱼 鲸 狮 虎 熊 狼 狐 龙 蝶 鹭 牛 羊 兔 车 船 舟 机 灯 树 花 滴 杯 瓶 手 脸 图 产品 角色 主角 动物 怪 楼 城 塔
      山 浪 云 河`,
  },
  scene: {
    en: `in at on inside outside under over above below beneath behind between beside among along across through
      into beach* forest* street* city room* kitchen* studio* desert* mountain* sea ocean* lake* river* sky field*
      garden* market* station* school* office* house* castle* space mars moon night day morning evening dawn dusk
      sunrise sunset noon midnight winter spring summer autumn fall rain* snow* fog* mist* background indoor* outdoor*`,
    zh: `在 里 上 下 中 旁 前 后 内 外 间 边 海 滩 森林 街 城 房 屋 厨 室 沙漠 山 湖 河 江 天空 田 园 市场 车站 学校 办公 太空 火星 月 夜 晨 早 晚 黄昏 日出 日落 正午 清晨 傍晚
      冬 春 夏 秋 雨 雪 雾 背景 场景`,
  },
  motion: {
    en: `walk* run runs running ran jump* leap* gallop* trot* fly flies flying flew swim* dance* dancing spin* turn
      turns turning rotat* fall falls falling fell rise rises rising rose climb* slid* roll* drift* float* flow* drip*
      splash* pour* burst* explod* open opens opening close closes closing lift* drop drops dropping throw* catch*
      pull* push pushes shake* shaking sway* swing* wave waves waving nod* smil* laugh* cry cries crying look looks
      looking glanc* blink* breath* talk* speak* say says saying said sing* whisper* shout* eat* drink* cook cooks
      cooking writ* draw draws drawing paint paints painting drive drives driving ride rides riding race races racing
      chase* chasing flicker* glow glows glowing twinkl* shimmer* sparkl* tremble* move moves moving motion movement*
      approach* leave* leaving enter* cross crosses crossing pass passes passing stand* stands_up sit* sits_down
      kneel* bow bows reach* touch* hold holds holding pick picks grab* carry carries carrying kick* hit hits fight*
      hug* kiss* gather* spread* sweep* blow blows blowing melt* grow grows growing bloom* unfold* transform* become*
      becoming stretch* step steps come comes coming go goes going follow* rush* dash* hover* circl* vanish* appear*
      disappear* emerge* burn* steam* billow* stir* crumbl* collaps* shatter* break breaks breaking crash*`,
    zh: `走 跑 奔 跳 跃 飞 游 舞 转 旋 落 升 爬 滑 滚 飘 浮 流 滴 溅 倒 爆 打开 关上 合上 举 抬 放下 扔 抛 接住 拉 推开 摇 摆 晃 挥 点头 微笑 笑 哭 看 望 回头 眨 呼吸 说 讲 唱
      喊 低语 吃 喝 切 写 画 开车 驾 骑 追 闪 发光 闪烁 颤 移动 动作 运动 靠近 离开 进入 穿 经过 站起 坐下 跪 鞠躬 伸 摸 握 拿 捡 抓 抱 踢 打 战斗 拥抱 吻 聚 散 扫 吹 融化 生长 绽放
      展开 变成 化为 伸展 迈 来 去 跟 冲 悬停 盘旋 消失 出现 浮现 燃烧 冒 翻 搅 倒塌 碎 破 撞 拍打 荡 驶 划 行 动起来`,
  },
  camera: {
    en: `camera* shot* lens* frame framing framed close-up* closeup* close_on macro wide_angle wide-angle wide
      medium_shot long_shot full_shot tracking track tracks dolly dollies pan pans panning tilt* zoom* crane* handheld
      hand-held steadicam drone* aerial bird's-eye overhead top-down low_angle low-angle high_angle high-angle
      eye_level eye-level pov point_of_view first-person over_the_shoulder over-the-shoulder static locked* tripod
      push-in push_in pull_back pull-back pulls_back orbit* arc_shot rack_focus focus depth_of_field bokeh cut_to
      cuts_to one_take timelapse time-lapse slow_motion slow-motion fisheye`,
    zh: `镜头 机位 运镜 景 特写 近景 中景 远景 全景 大远景 广角 长焦 微距 俯拍 仰拍 俯视 仰视 平视 航拍 跟拍 跟随 推进 推近 推镜 拉远 拉镜 摇镜 移镜 横移 环绕 升降 手持 固定 定格 主观视角
      第一人称 过肩 视角 变焦 对焦 景深 虚化 切到 切换 一镜到底 长镜头 延时 慢动作 慢镜 鱼眼 鸟瞰`,
  },
  light: {
    en: `light* lit sunlight sunlit sun sunny sunrise sunset moonlight moonlit golden_hour blue_hour backlit
      back-lit backlight* rim_light neon candle* lamp* lantern* glow* shadow* shade* dark* bright* dim dusk dawn
      overcast silhouette* contrast high-key low-key ray rays beam* reflection* shimmer* sparkl* firelight volumetric
      haze hazy`,
    zh: `光 日出 日落 夕阳 朝阳 阳光 月色 烛 灯 影 暗 亮 黄昏 黎明 清晨 阴天 剪影 逆光 侧光 霓虹 反射 倒影 明暗 对比 高调 低调`,
  },
  style: {
    en: `style* cinematic film filmic photoreal* realistic realism documentary anime animation animated cartoon* 3d
      pixar ghibli watercolor watercolour painting* painted ink sketch* oil pixel* claymation clay stop-motion
      stop_motion noir retro vintage vhs cyberpunk steampunk fantasy surreal* dream* minimal* pastel monochrome
      black_and_white black-and-white grain grainy 35mm 16mm 8mm imax mood* atmosphere* tone* palette color* colour*
      vivid muted warm cold commercial music_video picture-book storybook epic gentle melanchol* eerie cozy cosy
      playful tense serene`,
    zh: `风格 电影感 电影 胶片 写实 真实 纪录 动漫 动画 卡通 三维 3D 水彩 水墨 油画 素描 像素 黏土 定格动画 黑色电影 复古 怀旧 赛博朋克 蒸汽朋克 奇幻 超现实 梦幻 极简 粉彩 黑白 颗粒 氛围
      情绪 基调 色调 色彩 鲜艳 柔和 暖 冷 广告 绘本 史诗 温柔 忧郁 诡异 温馨 俏皮 紧张 宁静 国风`,
  },
  sound: {
    en: `sound* audio music* song* melod* voice* voice-over voiceover narrat* dialogue dialog line lines say says
      saying said speak* talk* whisper* shout* sing sings singing laugh* cry cries crying scream* hum hums humming
      roar* rumbl* thunder* crackl* rustl* whistl* click* clang* ring rings ringing bell* bang* splash_of hiss* buzz*
      chirp* bark* neigh* meow* hoofbeat* footstep* applause cheer* noise* noisy silen* quiet* hush* ambient ambience
      surf hear* heard beat beats drum* piano* guitar* violin* string_quartet orchestra* soundtrack lo-fi asmr`,
    zh: `声 音乐 音效 配乐 乐曲 旋律 歌 唱 说 讲 喊 低语 旁白 解说 对白 台词 对话 笑声 哭声 尖叫 轰鸣 雷鸣 噼啪 沙沙 哨 铃 钟 鼓 琴 吉他 乐队 交响 嘶鸣 蹄 脚步 掌声 欢呼 噪 静音 无声
      寂静 安静 环境音 听`,
  },
  change: {
    en: `change* replac* swap* turn make* add* insert* remov* delet* erase* convert* transform* recolor* recolour*
      restyle* put give set switch* dress* wear* become* instead into without`,
    zh: `换 改 替 变 加 添 插 去掉 去除 移除 删 擦 抹 转成 转为 调 穿 戴 染 放 做成 处理成`,
  },
  keep: {
    en: `keep* kept leave* leav* unchanged same stay* remain* preserve* retain* maintain* untouched only
      nothing_else everything_else rest other* as_it_is as_they_are as_before as_it_was as_it_did original`,
    zh: `保持 不变 保留 其余 其他 其它 不动 不改 原样 原有 原来 原视频 维持 仅 只 一致 别动`,
  },
  role: {
    en: `is are as shows shown means called named plays from wears wearing style scene background character person
      product object location look`,
    zh: `是 为 作为 的 作 叫 名 饰 扮 参考 场景 背景 角色 人物 主角 产品 物品`,
  },
  writing: {
    en: `sign* read reads reading title* titled caption* text word words written label* labelled labeled letter*
      logo* banner* poster* subtitle* headline* spell* called named neon print* inscri*`,
    zh: `写着 写有 招牌 标题 字幕 字样 文字 标语 横幅 海报 标签 刻 印 名为 叫做 题 店名`,
  },
};

/** @param {Vocabulary} vocabulary */
function pattern({ en, zh }) {
  const escaped = (/** @type {string} */ word) => word.replace(/[.+?^${}()|[\]\\]/gu, "\\$&");
  const words = (/** @type {string} */ list) => list.trim().split(/\s+/u);
  const english = words(en).map((word) => escaped(word).replace("*", "[a-z]*").replaceAll("_", "\\s+"));
  return new RegExp(`(?<![a-z])(?:${english.join("|")})(?![a-z])|${words(zh).map(escaped).join("|")}`, "iu");
}

const PATTERNS = new Map(
  Object.entries(VOCABULARY).map(([subject, vocabulary]) => [/** @type {Subject} */ (subject), pattern(vocabulary)]),
);

/**
 * Whether a text speaks of a subject, as far as words tell.
 *
 * @param {string} text
 * @param {Subject} subject
 */
export function mentions(text, subject) {
  return PATTERNS.get(subject)?.test(text) ?? false;
}
