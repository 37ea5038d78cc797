"""All words of the page, in one table: a key, and for each language its text.

``Words`` gives the texts of one language, English where it lacks one. The page's scripts get their words from here too,
so that nothing a person reads stands in a handler or a script.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LANGUAGES = ("en",)
LOCALES = {"en": "en", "zh": "zh-CN"}
"""The languages as browsers name them."""

TABLE: Mapping[str, Mapping[str, str]] = {
    # The page
    "title": {"en": "HappyHorse Studio"},
    "tagline": {"en": "Videos with Alibaba's HappyHorse models"},
    "account.sandbox": {"en": "Sandbox"},
    "account.sandbox.note": {"en": "Free. Nothing leaves this machine."},
    "account.live.note": {"en": "Live. Each video is billed to this account."},
    "accounts": {"en": "Accounts"},
    "key.check": {"en": "Check my key"},
    "key.checking": {"en": "Asking, at no cost …"},
    "key.good": {"en": "{name} accepts the key."},
    "key.good.workspace": {"en": "{name} accepts the key with the workspace {workspace}."},
    "key.credits": {"en": "{credits} are left."},
    "key.region": {
        "en": "{what} A key works only in the region where it was made, and {region} is in use here: if it was made "
        "elsewhere, set DASHSCOPE_REGION to that region ({others}); else copy the key again. Then restart the studio."
    },
    "theme.toggle": {"en": "Switch between light and dark"},
    "language.other": {"en": "中文"},
    "language.other.code": {"en": "zh"},
    "language.switch": {"en": "切换到中文"},
    "tab.text-to-video": {"en": "Text"},
    "tab.image-to-video": {"en": "Image"},
    "tab.reference-to-video": {"en": "Reference"},
    "tab.video-edit": {"en": "Edit"},
    # The form
    "prompt": {"en": "Prompt"},
    "prompt.placeholder.text-to-video": {
        "en": "Describe the scene, the subject, the movement, the camera and the light."
    },
    "prompt.placeholder.image-to-video": {"en": "Describe what happens from this frame on."},
    "prompt.placeholder.image-to-video.optional": {
        "en": "Describe what happens from this frame on. You may leave it empty."
    },
    "prompt.placeholder.reference-to-video": {
        "en": "Describe the scene and name the images: [Image 1] walks towards [Image 2] …"
    },
    "prompt.placeholder.video-edit": {"en": "Say what is to change and what must stay as it is."},
    "provider": {"en": "Provider"},
    "model": {"en": "Model version"},
    "resolution": {"en": "Resolution"},
    "ratio": {"en": "Aspect ratio"},
    "duration": {"en": "Duration"},
    "audio_setting": {"en": "Sound"},
    "option.audio_setting.auto": {"en": "Automatic"},
    "option.audio_setting.origin": {"en": "Original"},
    "seed": {"en": "Seed"},
    "variants": {"en": "Videos (a line of --- begins another prompt)"},
    "seed.placeholder": {"en": "Random"},
    "watermark": {"en": "Watermark “Happy Horse” in the corner"},
    "generate": {"en": "Generate"},
    "generate.price": {"en": "Generate · {price}"},
    "generate.sandbox": {"en": "Generate · free here"},
    "price.live": {"en": "{seconds} s × {rate} a second"},
    "price.sandbox": {"en": "The cloud would charge {price}: {seconds} s × {rate} a second"},
    "price.count": {"en": "{count} videos at {price} each"},
    "price.unknown": {"en": "No price is known for these settings"},
    "meter": {"en": "{used} / {most}"},
    "meter.near": {"en": "Close to the limit: {left} left"},
    "meter.over": {"en": "Too long by {over}. {provider} would cut the prompt after “…{tail}”"},
    "meter.refused": {"en": "Too long by {over}: {provider} takes no more than up to “…{tail}”"},
    "missing.prompt": {"en": "Write a prompt first"},
    "missing.first_frame": {"en": "Add a first frame"},
    "missing.references": {"en": "Add at least one reference image"},
    "missing.video": {"en": "Add the video to edit"},
    "missing.fix": {"en": "{name} cannot be sent as it is: fix or replace it"},
    "missing.way": {
        "en": "{provider} fetches files from public addresses only: set STUDIO_PUBLIC_URL or a bucket, "
        "or add the file by its own https:// address"
    },
    "changed": {"en": "{name} changed from {before} to {after}: {model} has no {before}"},
    "changed.without": {"en": "{provider} has no such setting: {name}"},
    "changed.tokens": {"en": "The prompt now names its images as {provider} reads it: [Image 1]"},
    "credits.short": {"en": "This costs {price}, and the account has {left}: it would be refused"},
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
    "files.sending": {"en": "Sending {name}"},
    "files.checking": {"en": "Checking {name}"},
    "files.lost": {"en": "the connection broke. Add it again."},
    "files.mending": {"en": "Fixing {name}"},
    "files.mended": {"en": "{name} was fixed"},
    "files.before": {"en": "Before · {facts}"},
    "files.after": {"en": "After · {facts}"},
    "files.undo": {"en": "Back to the original"},
    "preflight.pass": {"en": "All checks passed"},
    "preflight.warning": {"en": "Can be sent; notes: {count}"},
    "preflight.refused": {"en": "Cannot be sent as it is"},
    "fix": {"en": "Fix"},
    "fix.all": {"en": "Fix all"},
    "framing": {"en": "How it gets its aspect ratio"},
    "framing.middle": {"en": "Crop, keep the middle"},
    "framing.left": {"en": "Crop, keep the left"},
    "framing.right": {"en": "Crop, keep the right"},
    "framing.top": {"en": "Crop, keep the top"},
    "framing.bottom": {"en": "Crop, keep the bottom"},
    "framing.blur": {"en": "Extend, blurred"},
    "framing.black": {"en": "Extend, black"},
    "trim": {"en": "Trim"},
    "trim.title": {"en": "Only the beginning comes out, but all of it is billed"},
    "trim.from": {"en": "From second"},
    "trim.length": {"en": "Seconds to keep"},
    "trim.note": {"en": "Billed {before} s as it is, {after} s when trimmed."},
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
    # Presets and starting points
    "presets": {"en": "Presets"},
    "presets.save": {"en": "Save these settings"},
    "presets.with_prompt": {"en": "with the prompt"},
    "presets.own": {"en": "Your presets"},
    "presets.starters": {"en": "Starting points"},
    "presets.saved": {"en": "“{name}” is saved"},
    "presets.replace": {"en": "Replace it"},
    "presets.used": {"en": "Filled in from “{name}”"},
    "presets.rename": {"en": "Rename {name}"},
    "presets.delete": {"en": "Delete {name}"},
    "presets.deleted": {"en": "“{name}” is deleted"},
    "name": {"en": "Name"},
    "save": {"en": "Save"},
    "starter.dew": {"en": "Drop of dew"},
    "starter.tram": {"en": "Tram in the rain"},
    "starter.noodles": {"en": "Hand-pulled noodles"},
    "starter.astronaut": {"en": "Lemons on Mars"},
    "starter.ink": {"en": "Ink in water"},
    "starter.harbour": {"en": "Sailing into the sunset"},
    "starter.valley": {"en": "Balloon at dawn"},
    "starter.alley": {"en": "Lanterns in the wind"},
    "starter.lighthouse": {"en": "Lighthouse"},
    "starter.walk": {"en": "A walk of two"},
    "starter.voyage": {"en": "Robot at sea"},
    "starter.flight": {"en": "Fox in a balloon"},
    "starter.friends": {"en": "Toy shop at night"},
    "starter.night": {"en": "Day to night"},
    "starter.painting": {"en": "Ink painting"},
    "starter.swap": {"en": "Swap the boat"},
    "starter.storm": {"en": "A storm comes up"},
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
    "job.family": {"en": "Lineage"},
    "job.before": {"en": "Made from this"},
    "job.after": {"en": "Became this"},
    "job.family.zip": {"en": "Download all with a manifest"},
    "onward": {"en": "Go on from here"},
    "onward.first-frame": {"en": "Frame → Image"},
    "onward.reference": {"en": "Frame → Reference"},
    "onward.edit": {"en": "Video → Edit"},
    "onward.again": {"en": "Run again · {price}"},
    "onward.new-seed": {"en": "New seed · {price}"},
    "free": {"en": "free"},
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
    "action.send-anyway": {"en": "Send again anyway"},
    "action.stop": {"en": "Stop watching"},
    "action.watch": {"en": "Watch again"},
    "risk.send-anyway": {"en": "A task may already exist and be charged. A second one is charged as well."},
    "risk.stop": {
        "en": "Only the watching stops here: the provider may still finish the video and charge it. "
        "You can watch it again for 24 hours."
    },
    "risk.leave": {"en": "Leave it as it is"},
    "adopt": {"en": "Id of its task"},
    "adopt.choose": {"en": "Which of these tasks is it?"},
    "adopt.use": {"en": "Use this task"},
    "action.failed": {"en": "That did not work: {reason}"},
    "saved": {"en": "Saved as {path}"},
    "seed.chip": {"en": "seed {seed}"},
    "seed.random": {"en": "seed left to the provider"},
    "cost.estimate": {"en": "{price} estimated"},
    "cost.billed": {"en": "{price} billed"},
    "cost.sandbox": {"en": "free ({price} in the cloud)"},
    "usual": {"en": "usually {time}"},
    # Money
    "money": {"en": "What it cost"},
    "money.open": {"en": "What it cost, day by day"},
    "money.period": {"en": "Your videos of the last {days} days, by the day they were sent (UTC)"},
    "money.day": {"en": "Day"},
    "money.where": {"en": "Account"},
    "money.model": {"en": "Model"},
    "money.jobs": {"en": "Videos"},
    "money.estimate": {"en": "Estimated"},
    "money.billed": {"en": "Billed"},
    "money.unknown": {"en": "Not known yet"},
    "money.sum": {"en": "{billed} billed, {open} not known yet"},
    "money.none": {"en": "Nothing was sent in this time."},
    "money.csv": {"en": "Download all as CSV"},
    "close": {"en": "Close"},
    "limit.state": {"en": "Daily limit of this studio: {spent} of {limit} spent or promised today"},
    "limit.refused": {
        "en": "This would cost {price}, which is more than is left today: {spent} of the studio's daily limit of "
        "{limit} are spent or promised. Nothing was sent. There is room again from 00:00 UTC."
    },
    "limit.unknown": {
        "en": "No price is known for these settings, so the studio's daily limit could not be kept. Nothing was sent."
    },
    # What is kept
    "keep.days": {
        "en": "Videos and their settings are deleted {days} days after they were made; favourites are kept. "
        "Files that you add and do not use are deleted after {hours} hours."
    },
    "keep.all": {
        "en": "Videos stay until you delete them. Files that you add and do not use are deleted after {hours} hours."
    },
    # Settings from a file
    "restore.drop": {"en": "Drop a video made here, or its record, to use its settings again"},
    "restore.none": {"en": "There are no settings of this studio in that file."},
    "restore.done": {"en": "The settings of {name} are in the form."},
    "restore.missing": {"en": "Files to add again, as they are not here: {count}."},
    # When a video is done
    "notify.ask": {"en": "Shall the browser tell you when a video is done?"},
    "notify.yes": {"en": "Yes, tell me"},
    "notify.no": {"en": "No"},
    "notify.on": {"en": "Notifications are on; click to switch them off"},
    "notify.off": {"en": "Notifications are off; click to switch them on"},
    "notify.blocked": {"en": "The browser blocks notifications of this page: allow them in its settings"},
    # The library
    "places": {"en": "Parts of the studio"},
    "place.create": {"en": "Create"},
    "place.history": {"en": "History"},
    "history": {"en": "History"},
    "history.empty": {"en": "Nothing here yet: every video you make is kept here."},
    "history.none": {"en": "Nothing fits these filters."},
    "history.more": {"en": "Show more"},
    "history.keys": {"en": "Arrow keys move, Space selects, Enter opens, F marks a favourite, Delete deletes."},
    "history.marked": {"en": "{count} selected"},
    "history.zip": {"en": "Download ZIP"},
    "history.compare": {"en": "Compare"},
    "history.favourite": {"en": "Favourite"},
    "history.tag": {"en": "Tag"},
    "history.tag.name": {"en": "Add a tag"},
    "history.tag.add": {"en": "Add"},
    "history.tag.remove": {"en": "Remove the tag {tag}"},
    "history.delete": {"en": "Delete"},
    "history.clear": {"en": "Clear"},
    "history.deleted": {"en": "Deleted: {count}. The files go in {minutes} minutes."},
    "history.kept": {"en": "What is under way cannot be deleted."},
    "history.undo": {"en": "Undo"},
    "history.restored": {"en": "It is back."},
    "history.close": {"en": "Close"},
    "filter.words": {"en": "Search in prompts"},
    "filter.mode": {"en": "All kinds"},
    "filter.model": {"en": "All models"},
    "filter.provider": {"en": "All providers"},
    "filter.state": {"en": "Any state"},
    "filter.active": {"en": "Under way"},
    "filter.tag": {"en": "All tags"},
    "filter.from": {"en": "From"},
    "filter.to": {"en": "To"},
    "filter.favourite": {"en": "Favourites only"},
    "filter.list": {"en": "Show as a list"},
    "filter.sort": {"en": "Order"},
    "sort.newest": {"en": "Newest first"},
    "sort.oldest": {"en": "Oldest first"},
    "sort.longest": {"en": "Longest first"},
    "sort.dearest": {"en": "Dearest first"},
    # The page of a job
    "job": {"en": "Details"},
    "job.summary": {"en": "Overview"},
    "job.created": {"en": "Made"},
    "job.account": {"en": "Account"},
    "job.estimate": {"en": "Estimate"},
    "job.billed": {"en": "Billed"},
    "job.size": {"en": "Video"},
    "job.task": {"en": "Task"},
    "job.request": {"en": "Request"},
    "job.expires": {"en": "Not saved yet"},
    "job.expires.in": {"en": "The provider keeps it for another {time}"},
    "job.expires.over": {"en": "The provider may have thrown it away"},
    "job.settings": {"en": "Settings"},
    "job.inputs": {"en": "Made from"},
    "job.timeline": {"en": "What happened"},
    "job.files": {"en": "Files"},
    "copy": {"en": "Copy"},
    "yes": {"en": "Yes"},
    "no": {"en": "No"},
    "seconds": {"en": "{seconds} s"},
    "reference": {"en": "Image {number}"},
    "setting.mode": {"en": "Kind"},
    "setting.watermark": {"en": "Watermark"},
    "timeline.imported": {"en": "Taken in from an exported history"},
    "timeline.task": {"en": "The provider says {status}"},
    "timeline.not_saved": {"en": "Not saved, tried again"},
    "timeline.started": {"en": "Begun, by the provider's clock"},
    "timeline.finished": {"en": "Finished, by the provider's clock"},
    # The comparison
    "compare": {"en": "Compare"},
    "compare.few": {"en": "Two videos at least are needed to compare."},
    "compare.seek": {"en": "Position in all videos"},
    "compare.pause": {"en": "Pause"},
    "compare.sound": {"en": "Sound"},
    "cost": {"en": "Cost"},
    "compare.differs": {"en": "differs"},
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
    "state.waiting.unknown": {
        "en": "The provider does not know the task at present. It is asked again until 24 hours have passed."
    },
    "state.stopped": {"en": "Not watched"},
    "state.stopped.note": {"en": "The provider may still finish this video and charge it."},
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
    "trace.looking": {"en": "Its task is being looked for in the provider's list."},
    "trace.found": {"en": "The answer to its request was lost; its task was found again."},
    "trace.several": {
        "en": "Several tasks may be this one. Their prompts tell as soon as they finish; "
        "if you know which it is, choose it."
    },
    "trace.none": {
        "en": "The provider's list had time to show its task and shows none, so most likely none was made. "
        "The provider's console tells for certain."
    },
    "trace.unlisted": {"en": "The provider cannot be asked for its tasks: look in its console whether there is one."},
    "trace.sent_again": {"en": "It was sent again as a new video. If its own task turns up, it comes here."},
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
    "fault.content_refused.prompt": {"en": "The provider's content check refused the prompt."},
    "fault.content_refused.prompt.do": {"en": "Change it and generate again."},
    "fault.content_refused.media": {"en": "The provider's content check refused a file."},
    "fault.content_refused.media.do": {"en": "Replace it and generate again."},
    "fault.content_refused.result": {"en": "The provider's content check refused the video that was made."},
    "fault.content_refused.result.do": {"en": "Change the prompt or the media and generate again."},
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
    "fault.reply_lost.do": {"en": "A task may exist and be charged, so it is not sent again by itself."},
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
    "fault.no_such_preset": {"en": "There is no such preset of yours."},
    "fault.name_taken": {"en": "You have a preset of that name already."},
    "fault.not_allowed": {"en": "That is not possible any more."},
    "fault.archive_unreadable": {"en": "The exported history cannot be read."},
    "fault.spending_limit": {"en": "The studio's daily limit is reached."},
    "fault.no_such_job": {"en": "There is no such video of yours."},
    "fault.no_such_task": {"en": "The provider does not know this task."},
    "fault.task_taken": {"en": "This task belongs to another video."},
    "fault.not_its_task": {"en": "This task was made from another prompt: it is not of this video."},
    "fault.store_error": {"en": "The studio's database cannot be used, so nothing was sent."},
    "fault.database_busy": {"en": "The studio's database is held by another program, so nothing was sent."},
    "fault.database_too_new": {"en": "The studio's database belongs to a later version."},
    "fault.config_error": {"en": "A setting is wrong."},
    "fault.publish_failed": {"en": "The files cannot be brought to the provider, so nothing was sent."},
    "fault.no_such_file": {"en": "A file is missing."},
    "fault.fix_failed": {"en": "The mended copy could not be made; your file is untouched."},
    "fault.media_unreadable": {"en": "This file cannot be used."},
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
