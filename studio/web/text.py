"""All words of the page, in one table: a key, and for each language its text.

``Words`` gives the texts of one language, English where it lacks one. The page's scripts get their words from here too,
so that nothing a person reads stands in a handler or a script.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LANGUAGES = ("en",)

TABLE: Mapping[str, Mapping[str, str]] = {
    # The page
    "title": {"en": "HappyHorse Studio"},
    "tagline": {"en": "Videos with Alibaba's HappyHorse models"},
    "account.sandbox": {"en": "Sandbox"},
    "account.sandbox.note": {"en": "Free. Nothing leaves this machine."},
    "account.live.note": {"en": "Live. Each video is billed to this account."},
    "theme.toggle": {"en": "Switch between light and dark"},
    "tab.text-to-video": {"en": "Text"},
    "tab.image-to-video": {"en": "Image"},
    "tab.reference-to-video": {"en": "Reference"},
    "tab.video-edit": {"en": "Edit"},
    # The form
    "prompt": {"en": "Prompt"},
    "prompt.placeholder.text-to-video": {
        "en": "Describe the scene, the subject, the movement, the camera and the light."
    },
    "prompt.placeholder.image-to-video": {"en": "Describe what happens from this frame on. You may leave it empty."},
    "prompt.placeholder.reference-to-video": {
        "en": "Describe the scene and name the images: [Image 1] walks towards [Image 2] …"
    },
    "prompt.placeholder.video-edit": {"en": "Say what is to change and what must stay as it is."},
    "model": {"en": "Model version"},
    "resolution": {"en": "Resolution"},
    "ratio": {"en": "Aspect ratio"},
    "duration": {"en": "Duration"},
    "audio_setting": {"en": "Sound"},
    "option.audio_setting.auto": {"en": "Automatic"},
    "option.audio_setting.origin": {"en": "Original"},
    "seed": {"en": "Seed"},
    "seed.placeholder": {"en": "Random"},
    "watermark": {"en": "Watermark “Happy Horse” in the corner"},
    "generate": {"en": "Generate"},
    "generate.price": {"en": "Generate · {price}"},
    "generate.sandbox": {"en": "Generate · free here"},
    "price.live": {"en": "{seconds} s × {rate} a second"},
    "price.sandbox": {"en": "The cloud would charge {price}: {seconds} s × {rate} a second"},
    "price.unknown": {"en": "No price is known for these settings"},
    "meter": {"en": "{used} / {most}"},
    "meter.near": {"en": "Close to the limit: {left} left"},
    "meter.over": {"en": "Too long by {over}. {provider} would cut the prompt after “…{tail}”"},
    "missing.prompt": {"en": "Write a prompt first"},
    "missing.first_frame": {"en": "Add a first frame"},
    "missing.references": {"en": "Add at least one reference image"},
    "missing.video": {"en": "Add the video to edit"},
    "missing.fix": {"en": "{name} cannot be sent as it is: fix or replace it"},
    "changed": {"en": "{name} changed from {before} to {after}: {model} has no {before}"},
    "size.follows": {"en": "The video takes the input's aspect ratio: about {width} × {height}"},
    "edit.billed": {"en": "Input {input} s → output {output} s, billed {billed} s"},
    "tokens.none_used": {"en": "The prompt names none of the images: click a number to name one"},
    "tokens.unused": {"en": "Not named in the prompt: image {numbers}"},
    "tokens.out_of_range": {"en": "The prompt names image {numbers}, which is not there"},
    "tokens.mixed": {"en": "The prompt writes images in two ways; [Image 1] is the newer one"},
    # Files
    "first_frame": {"en": "First frame"},
    "references": {"en": "Reference images"},
    "video": {"en": "Video"},
    "files.first_frame": {"en": "First frame"},
    "files.references": {"en": "Reference images"},
    "files.video": {"en": "Video"},
    "files.add.image": {"en": "Add an image"},
    "files.add.video": {"en": "Add a video"},
    "files.add.more": {"en": "Add"},
    "files.drop": {"en": "or drop or paste it here"},
    "files.url": {"en": "https:// address of a file"},
    "files.url.add": {"en": "Add"},
    "files.most": {"en": "No more than {most}; the rest was left out"},
    "files.added": {"en": "{name} was added"},
    "files.removed": {"en": "Removed"},
    "files.remove": {"en": "Remove {name}"},
    "files.left": {"en": "Move forward"},
    "files.right": {"en": "Move back"},
    "files.moved": {"en": "Moved to place {place}"},
    "files.token": {"en": "Name image {number} in the prompt"},
    "files.keys": {"en": "Shift and arrow keys move it, Delete removes it"},
    "files.mending": {"en": "Fixing …"},
    "files.mended": {"en": "{name} was fixed"},
    "files.before": {"en": "Before: {before}"},
    "files.undo": {"en": "Back to the original"},
    "preflight.pass": {"en": "All checks passed"},
    "preflight.warning": {"en": "Fine, with notes: {count}"},
    "preflight.refused": {"en": "Cannot be sent as it is"},
    "fix": {"en": "Fix"},
    "fix.all": {"en": "Fix all"},
    "trim": {"en": "Trim"},
    "trim.from": {"en": "from second"},
    "trim.length": {"en": "seconds to keep"},
    "trim.note": {"en": "Only the beginning is used, all of it is billed: {before} s now, {after} s after trimming."},
    "check.format": {"en": "Format {measured}, allowed {limit}"},
    "check.bytes": {"en": "Size {measured}, limit {limit}"},
    "check.side": {"en": "Width and height {measured}, each {limit}"},
    "check.max_side": {"en": "Longest side of {measured}, limit {limit}"},
    "check.advised_side": {"en": "{measured} is small; {limit} is recommended"},
    "check.ratio": {"en": "Aspect ratio {measured}, limit {limit}"},
    "check.seconds": {"en": "Duration {measured}, limit {limit}"},
    "check.fps": {"en": "Frame rate {measured}, must be {limit}"},
    "check.variable_fps": {"en": "The frame rate varies"},
    "check.streams": {"en": "{measured} video streams; the first one is used"},
    "check.codec": {"en": "Codec {measured}; {limit} is recommended"},
    "check.rotation": {"en": "Stored turned or stretched; judged as displayed"},
    "check.complete": {"en": "The file is not whole: it ends early"},
    "check.animated": {"en": "Animated: only the first frame counts"},
    "check.orientation": {"en": "Stored turned; judged as displayed"},
    "check.alpha": {"en": "Has transparent parts"},
    "check.color": {"en": "{measured} colours; RGB is safer"},
    "check.depth": {"en": "More than 8 bits a channel"},
    "check.disputed": {"en": "{text}. Allowed only by: {source}"},
    "disputed": {"en": "{name} {value} is listed by one source only ({source}); the provider may refuse it"},
    "submitted": {"en": "Sent to your videos"},
    # The board
    "board": {"en": "Your videos"},
    "board.live": {"en": "Live"},
    "board.away": {"en": "Reconnecting …"},
    "board.older": {"en": "Show older"},
    "board.empty": {"en": "Nothing here yet"},
    "board.empty.note": {"en": "Start from one of these, or write your own."},
    "copied": {"en": "Copied"},
    "copy.task": {"en": "Copy task id"},
    "copy.prompt": {"en": "Copy prompt"},
    "again": {"en": "Use these settings"},
    "play": {"en": "Play"},
    "download": {"en": "Download"},
    "evidence": {"en": "Record (JSON)"},
    "more.prompt": {"en": "Show all"},
    "less.prompt": {"en": "Show less"},
    "details": {"en": "What the provider said"},
    "task": {"en": "Task"},
    "code": {"en": "Code"},
    "request": {"en": "Request"},
    "http": {"en": "HTTP"},
    "action.cancel": {"en": "Cancel"},
    "action.send-again": {"en": "Send again"},
    "action.save-again": {"en": "Save again"},
    "action.failed": {"en": "That did not work: {reason}"},
    "saved": {"en": "Saved as {path}"},
    "seed.chip": {"en": "seed {seed}"},
    "seed.random": {"en": "seed left to the provider"},
    "cost.estimate": {"en": "{price} estimated"},
    "cost.billed": {"en": "{price} billed"},
    "cost.sandbox": {"en": "free ({price} in the cloud)"},
    # States, as a label and a line of detail
    "state.queued": {"en": "Queued"},
    "state.queued.note": {"en": "On disk here; about to be sent."},
    "state.queued.later": {"en": "On disk here; sent again soon."},
    "state.publishing": {"en": "Publishing files"},
    "state.publishing.note": {"en": "The provider is being given the files."},
    "state.submitting": {"en": "Sending"},
    "state.submitting.note": {"en": "The request is on its way."},
    "state.waiting": {"en": "Submitted"},
    "state.waiting.note": {"en": "Waiting for a place at the provider."},
    "state.running": {"en": "Running"},
    "state.running.note": {"en": "The provider is making the video."},
    "state.saving": {"en": "Saving"},
    "state.saving.note": {"en": "The video is ready and being downloaded."},
    "state.saving.later": {"en": "The video is ready; saving it is tried again soon."},
    "state.succeeded": {"en": "Done"},
    "state.failed": {"en": "Failed"},
    "state.canceled": {"en": "Canceled"},
    "state.canceled.note": {"en": "Withdrawn before it started. Nothing was charged."},
    "state.expired": {"en": "Expired"},
    "state.interrupted": {"en": "Interrupted"},
    # What went wrong: what happened, and what to do
    "charged.no": {"en": "Nothing was charged."},
    "charged.yes": {"en": "The provider charges for this video."},
    "charged.unknown": {"en": "It is not known whether this was charged."},
    "charged.returned": {"en": "The credits were returned."},
    "concerns.prompt": {"en": "It is about the prompt."},
    "concerns.media": {"en": "It is about the media."},
    "concerns.input": {"en": "It is about the prompt or the media."},
    "concerns.result": {"en": "It is about the video that was made."},
    "concerns.file": {"en": "It is about {name}."},
    "sent_again": {"en": "It is sent again by itself."},
    "fault.authentication_failed": {"en": "The provider does not accept the key."},
    "fault.authentication_failed.do": {
        "en": "Check DASHSCOPE_API_KEY and that it belongs to the region in use, restart the studio, then send again."
    },
    "fault.plan_key": {"en": "This key belongs to a plan that has a host of its own."},
    "fault.plan_key.do": {
        "en": "Set DASHSCOPE_BASE_URL to that host or use a pay-as-you-go key, restart the studio, then send again."
    },
    "fault.aivideoapi_key": {"en": "AIVideoAPI does not accept the key."},
    "fault.aivideoapi_key.do": {
        "en": "Check AIVIDEOAPI_KEY: it begins with sk- and must not be disabled. Restart the studio, then send again."
    },
    "fault.ip_not_allowed": {"en": "The key may not be used from this machine's address."},
    "fault.ip_not_allowed.do": {"en": "Add the address to the key's allow-list in the dashboard, then send again."},
    "fault.workspace_refused": {"en": "The key may not use this workspace, or there is none of that name."},
    "fault.workspace_refused.do": {
        "en": "Check DASHSCOPE_WORKSPACE and the region, restart the studio, then send again."
    },
    "fault.async_header": {"en": "The request arrived without the header X-DashScope-Async."},
    "fault.async_header.do": {"en": "A proxy in between drops it: let that header through, then send again."},
    "fault.permission_denied": {"en": "This account may not use the model or the workspace."},
    "fault.permission_denied.do": {
        "en": "Allow the model for the key's workspace in the provider's console, then send again."
    },
    "fault.request_refused": {"en": "The provider refused the request."},
    "fault.request_refused.do": {"en": "Change what it names below and generate again."},
    "fault.media_unfetched": {"en": "The provider could not fetch a file from its address."},
    "fault.media_unfetched.do": {
        "en": "See that the address opens anywhere without a login, or add the file itself, and generate again."
    },
    "fault.media_uninspected": {"en": "The provider could not read a file."},
    "fault.media_uninspected.do": {
        "en": "Add it as JPEG or PNG, a video as MP4 (H.264). An address must open anywhere without a login."
    },
    "fault.media_format": {"en": "The provider does not accept the format of a file."},
    "fault.media_size": {"en": "The provider does not accept the size of a file."},
    "fault.media_duration": {"en": "The provider does not accept the length of a file."},
    "fault.media_resolution": {"en": "The provider does not accept the width and height of a file."},
    "fault.media_fps": {"en": "The provider does not accept the frame rate of a file."},
    "fault.content_rule": {"en": "A content rule of the account itself refused this."},
    "fault.content_rule.do": {"en": "Change the prompt or the media, or the rule in the provider's console."},
    "fault.content_rights": {"en": "The provider suspects that this touches the rights of others."},
    "fault.content_rights.do": {"en": "Leave out brands, known characters and persons, and generate again."},
    "fault.content_refused": {"en": "The provider's content check refused this."},
    "fault.content_refused.do": {"en": "Change the prompt or the media and generate again."},
    "fault.not_found": {"en": "The provider does not know this model or workspace."},
    "fault.not_found.do": {"en": "Choose another model, or check the region and workspace in the settings."},
    "fault.rate_limited": {"en": "The provider asks to slow down."},
    "fault.rate_limited.do": {"en": "Try again in a minute."},
    "fault.quota_exhausted": {"en": "The account has no balance or quota left for this."},
    "fault.quota_exhausted.do": {"en": "Top up or raise the quota in the provider's console, then send again."},
    "fault.not_purchased": {"en": "The model is not activated for this account."},
    "fault.not_purchased.do": {"en": "Activate it in the provider's console, then send again."},
    "fault.free_quota": {"en": "The account's free quota for this model is used up."},
    "fault.free_quota.do": {"en": "Allow paid use of the model in the provider's console, then send again."},
    "fault.arrears": {"en": "The account has an unpaid bill."},
    "fault.arrears.do": {"en": "Pay it in the provider's console, then send again."},
    "fault.credits": {"en": "The account has too few credits for this video."},
    "fault.credits.do": {"en": "Buy credits in the dashboard (Billing), then send again."},
    "fault.spend_limit": {"en": "The key has reached its spending limit."},
    "fault.spend_limit.do": {"en": "Raise the limit in the dashboard or wait until it starts anew, then send again."},
    "fault.provider_timeout": {"en": "The provider gave this up after hours without a result."},
    "fault.provider_timeout.do": {"en": "Generate it again."},
    "fault.provider_busy": {"en": "The provider has no room for this model at present."},
    "fault.upstream": {"en": "The service behind the provider answered with an error."},
    "fault.upstream.do": {"en": "Its words below may name what to change. If not, generate it again later."},
    "fault.provider_fault": {"en": "The provider had a fault of its own."},
    "fault.provider_fault.do": {"en": "Try again in a few minutes."},
    "fault.provider_error": {"en": "The provider answered with an error."},
    "fault.provider_error.do": {"en": "See its words below."},
    "fault.not_sent": {"en": "The provider cannot be reached."},
    "fault.not_sent.do": {"en": "Check the network and try again."},
    "fault.reply_lost": {"en": "The request was sent, but the answer never arrived."},
    "fault.reply_lost.do": {
        "en": "A task may exist and be charged, so it is not sent again. Look for it in the provider's console."
    },
    "fault.unreadable": {"en": "The provider's answer could not be understood."},
    "fault.transport_error": {"en": "The connection to the provider broke."},
    "fault.transport_error.do": {"en": "Check the network."},
    "fault.storage_full": {"en": "The disk is full, so the video is not saved yet."},
    "fault.storage_full.do": {"en": "Make space: saving goes on by itself. The provider keeps the video for 24 hours."},
    "fault.storage_unwritable": {"en": "The output folder cannot be written, so the video is not saved yet."},
    "fault.storage_unwritable.do": {"en": "Mend its permissions: saving goes on by itself."},
    "fault.result_unreachable": {"en": "The video could not be downloaded yet."},
    "fault.result_unreachable.do": {"en": "It is tried again by itself while the provider keeps the video."},
    "fault.result_expired": {"en": "The provider no longer has the video."},
    "fault.result_expired.do": {"en": "Results are kept for 24 hours. Generate it again if you still want it."},
    "fault.result_corrupt": {"en": "What was downloaded is not a whole video."},
    "fault.result_corrupt.do": {"en": "Save again, while the provider keeps it."},
    "fault.save_error": {"en": "The video could not be saved."},
    "fault.save_error.do": {"en": "Save again."},
    "fault.task_unknown": {"en": "The provider no longer knows this task."},
    "fault.task_unknown.do": {"en": "Tasks are kept for 24 hours. Generate it again if you still want it."},
    # What the form and the routes refuse
    "fault.invalid_request": {"en": "This cannot be sent as it is."},
    "fault.not_allowed": {"en": "That is not possible any more."},
    "fault.no_such_job": {"en": "There is no such video of yours."},
    "fault.store_error": {"en": "The studio's database cannot be used, so nothing was sent."},
    "fault.database_busy": {"en": "The studio's database is held by another program, so nothing was sent."},
    "fault.database_too_new": {"en": "The studio's database belongs to a later version."},
    "fault.config_error": {"en": "A setting is wrong."},
    "fault.no_such_file": {"en": "A file is missing."},
    "fault.fix_failed": {"en": "The mended copy could not be made; your file is untouched."},
    "fault.media_unreadable": {"en": "The file cannot be read."},
    "fault.studio_error": {"en": "Something went wrong."},
    "problem": {"en": "{field}: {value} is given; it must be {rule}."},
    "foreign_origin": {"en": "This request came from another site and was refused."},
    "bad_visitor": {"en": "X-Studio-Visitor is not a token of this studio."},
    # First prompts to try
    "idea.1": {
        "en": "A chestnut horse gallops along a wet beach at sunrise, spray catching the light, "
        "slow motion, low tracking shot."
    },
    "idea.2": {
        "en": "Macro shot of a tiny cardboard city at night, bottle caps as plazas, windows lighting up one by one, "
        "camera gliding through its streets."
    },
    "idea.3": {
        "en": "一位老木匠在清晨的工坊里刨木头，木屑在斜照的阳光中缓缓飘落，镜头从双手慢慢推近到他的脸，温暖的电影感。"
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
